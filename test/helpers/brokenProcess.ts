// A process that fails while it starts, as with a missing native library.
throw new Error("libonnxruntime.so: cannot open shared object file");
