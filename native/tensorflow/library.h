#pragma once

#include <string>
#include <vector>

// Loads a TensorFlow library and fills `api`. `preload` is loaded before it, in order, visible to all. Returns what went
// wrong in one sentence, empty if nothing did. What has been loaded stays for the life of the process.
std::string openLibrary(const std::string& library, const std::vector<std::string>& preload);

// Gives the pages of the library back that only loading it touched; they are read again when needed.
void releaseLibraryPages();
