#pragma once

// While it lives, what is written to standard error is held back. At the end, or if the process dies meanwhile, all of it
// is passed on but TensorFlow's remarks on how it was built: the library makes them while it is loaded, before it has
// read how much it shall say (TF_CPP_MIN_LOG_LEVEL). Does nothing on Windows.
class HeldMessages {
 public:
  HeldMessages();
  ~HeldMessages();
  HeldMessages(const HeldMessages&) = delete;
  HeldMessages& operator=(const HeldMessages&) = delete;
};
