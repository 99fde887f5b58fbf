// paging
"use strict";
