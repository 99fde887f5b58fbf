// keys
"use strict";
