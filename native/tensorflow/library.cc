#include "library.h"

#include "tensorflow_api.h"

#ifdef _WIN32
#define WIN32_LEAN_AND_MEAN
#include <windows.h>
#else
#include <dlfcn.h>
#endif
#ifdef __linux__
#include <link.h>
#include <sys/mman.h>
#include <unistd.h>
#endif

#if defined(__linux__) && defined(__x86_64__) && defined(__GLIBC__)
// The versions of these functions that every glibc has: newer ones moved them to another library under a new version.
__asm__(".symver dlopen,dlopen@GLIBC_2.2.5");
__asm__(".symver dlsym,dlsym@GLIBC_2.2.5");
__asm__(".symver dlerror,dlerror@GLIBC_2.2.5");
#endif

TensorFlowApi api;

namespace {

#ifdef _WIN32

std::wstring wide(const std::string& text) {
  const int length = MultiByteToWideChar(CP_UTF8, 0, text.c_str(), -1, nullptr, 0);
  std::wstring result(length > 0 ? length - 1 : 0, L'\0');
  if (length > 1) MultiByteToWideChar(CP_UTF8, 0, text.c_str(), -1, &result[0], length);
  return result;
}

void* load(const std::string& file, bool, std::string& error) {
  // Libraries it needs are looked for beside it.
  HMODULE module = LoadLibraryExW(wide(file).c_str(), nullptr, LOAD_WITH_ALTERED_SEARCH_PATH);
  if (!module) error = "cannot load " + file + " (Windows error " + std::to_string(GetLastError()) + ")";
  return reinterpret_cast<void*>(module);
}

void* symbol(void* library, const char* name) {
  return reinterpret_cast<void*>(GetProcAddress(reinterpret_cast<HMODULE>(library), name));
}

#else

void* load(const std::string& file, bool global, std::string& error) {
  void* library = dlopen(file.c_str(), RTLD_LAZY | (global ? RTLD_GLOBAL : RTLD_LOCAL));
  if (!library) {
    const char* reason = dlerror();
    error = reason ? reason : "cannot load " + file;
  }
  return library;
}

void* symbol(void* library, const char* name) { return dlsym(library, name); }

#endif

}  // namespace

std::string openLibrary(const std::string& library, const std::vector<std::string>& preload) {
  std::string error;
  std::vector<void*> loaded;
  for (const std::string& file : preload) loaded.push_back(load(file, true, error));
  loaded.insert(loaded.begin(), load(library, false, error));
  if (!error.empty()) return error;
  // Windows does not look into a library's own dependencies: those may be named in `preload`.
  const auto find = [&](const char* name) {
    for (void* one : loaded)
      if (void* found = symbol(one, name)) return found;
    return static_cast<void*>(nullptr);
  };
  std::string missing;
#define RESOLVE(name, result, arguments)                               \
  api.name = reinterpret_cast<result(*) arguments>(find(#name));       \
  if (!api.name) missing += missing.empty() ? #name : ", " #name;
  TENSORFLOW_FUNCTIONS(RESOLVE)
#undef RESOLVE
  if (missing.empty()) return "";
  std::string version = api.TF_Version ? std::string(" (TensorFlow ") + api.TF_Version() + ")" : "";
  return library + version + " lacks " + missing + ": TensorFlow 2.9 or newer is needed";
}

#ifdef __linux__

static int releasePages(struct dl_phdr_info* info, size_t, void* inside) {
  const auto within = reinterpret_cast<uintptr_t>(inside);
  bool found = false;
  for (int i = 0; i < info->dlpi_phnum; i++) {
    const auto& part = info->dlpi_phdr[i];
    const uintptr_t begin = info->dlpi_addr + part.p_vaddr;
    found |= part.p_type == PT_LOAD && within >= begin && within < begin + part.p_memsz;
  }
  if (!found) return 0;
  const uintptr_t page = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE));
  for (int i = 0; i < info->dlpi_phnum; i++) {
    const auto& part = info->dlpi_phdr[i];
    // Only what can never have been written: its pages are those of the file.
    if (part.p_type != PT_LOAD || (part.p_flags & PF_W)) continue;
    const uintptr_t begin = (info->dlpi_addr + part.p_vaddr + page - 1) / page * page;
    const uintptr_t end = (info->dlpi_addr + part.p_vaddr + part.p_memsz) / page * page;
    if (end > begin) madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
  }
  return 1;
}

void releaseLibraryPages() { dl_iterate_phdr(releasePages, reinterpret_cast<void*>(api.TFE_Execute)); }

#else

void releaseLibraryPages() {}

#endif
