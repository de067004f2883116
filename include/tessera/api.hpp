// Marks what the shared library exports.
#pragma once

#define TESSERA_API __attribute__((visibility("default")))
