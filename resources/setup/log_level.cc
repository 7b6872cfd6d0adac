// Makes libtensorflow's C library honour TF_CPP_MIN_LOG_LEVEL, as TensorFlow's Python package does when
// it starts: without this every process writes two lines about oneDNN to stderr. Part of the addon, so
// it runs when the addon is loaded. The symbol is Abseil's, exported by the pinned libtensorflow; weak,
// so that a build without it still loads.
#include <cstdlib>

namespace absl {
inline namespace lts_20250814 {
enum class LogSeverityAtLeast : int { kInfo = 0, kInfinity = 1000 };
__attribute__((weak)) void SetMinLogLevel(LogSeverityAtLeast severity);
}  // namespace lts_20250814
}  // namespace absl

__attribute__((constructor)) static void set_log_level() {
  const char* level = std::getenv("TF_CPP_MIN_LOG_LEVEL");
  if (level != nullptr && absl::SetMinLogLevel != nullptr) {
    absl::SetMinLogLevel(static_cast<absl::LogSeverityAtLeast>(std::atoi(level)));
  }
}
