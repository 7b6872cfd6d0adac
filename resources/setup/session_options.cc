// The options of every TensorFlow session that the addon opens. The npm package asks for the defaults, and
// its JavaScript interface has no way to others: the linker (--wrap) puts this in front of
// TF_NewSessionOptions.
//
// Grappler, TensorFlow's graph optimizer, is off: it would go through the whole graph before the first run
// of every entry, which costs seconds in deep models, for a graph that is already what we want to run
// (main/docs/2026-11-26-session-options.md).
#include "tensorflow/c/c_api.h"

extern "C" TF_SessionOptions* __real_TF_NewSessionOptions();

extern "C" TF_SessionOptions* __wrap_TF_NewSessionOptions() {
  // ConfigProto { graph_options (10) { rewrite_options (10) { disable_meta_optimizer (19): true } } }
  static const unsigned char config[] = {0x52, 5, 0x52, 3, 0x98, 0x01, 1};
  TF_SessionOptions* options = __real_TF_NewSessionOptions();
  TF_Status* status = TF_NewStatus();
  TF_SetConfig(options, config, sizeof(config), status);
  // Bytes that TensorFlow cannot read would leave its defaults in place: the same results, later.
  TF_DeleteStatus(status);
  return options;
}
