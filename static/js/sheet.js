// sheet
"use strict";
