// The addon that Node.js loads: it loads the real one, tfjs_core.so beside it, without the noise.
//
// libtensorflow writes two lines about oneDNN to stderr from a static initialiser, before anything can
// set a log level, and its C library does not read TF_CPP_MIN_LOG_LEVEL as TensorFlow's Python package
// does. So stderr is closed off while the libraries load, and the level is set then. With
// TF_CPP_MIN_LOG_LEVEL unset or 0 nothing is hidden. SetMinLogLevel is Abseil's, of the pinned
// libtensorflow; a build without it merely logs more.
#include <dlfcn.h>
#include <fcntl.h>
#include <node_api.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

namespace {

const char kSetMinLogLevel[] = "_ZN4absl12lts_2025081414SetMinLogLevelENS0_18LogSeverityAtLeastE";

std::string core_path() {
  Dl_info self;
  dladdr(reinterpret_cast<void*>(&core_path), &self);
  const std::string path = self.dli_fname;
  return path.substr(0, path.rfind('/') + 1) + "tfjs_core.so";
}

void* load(bool quiet) {
  const int saved = quiet ? dup(STDERR_FILENO) : -1;
  const int null = saved >= 0 ? open("/dev/null", O_WRONLY | O_CLOEXEC) : -1;
  if (null >= 0) dup2(null, STDERR_FILENO);
  void* core = dlopen(core_path().c_str(), RTLD_NOW | RTLD_LOCAL);
  if (null >= 0) {
    dup2(saved, STDERR_FILENO);
    close(null);
  }
  if (saved >= 0) close(saved);
  return core;
}

}  // namespace

NAPI_MODULE_INIT() {
  const char* text = std::getenv("TF_CPP_MIN_LOG_LEVEL");
  const int level = text == nullptr ? 0 : std::atoi(text);
  void* core = load(level > 0);
  if (core == nullptr) {
    napi_throw_error(env, nullptr, dlerror());
    return nullptr;
  }
  using SetLevel = void (*)(int);
  auto set_level = reinterpret_cast<SetLevel>(dlsym(core, kSetMinLogLevel));
  if (set_level != nullptr) set_level(level);
  using Register = napi_value (*)(napi_env, napi_value);
  auto register_core = reinterpret_cast<Register>(dlsym(core, "napi_register_module_v1"));
  return register_core(env, exports);
}
