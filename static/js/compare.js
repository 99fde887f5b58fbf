// compare
"use strict";
