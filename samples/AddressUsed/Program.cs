// The first server of article 002, without SO_REUSEADDR: connect to it, press Ctrl+C, start it again.
using Bindwise.Samples;

return Sample.Run(args, "AddressUsed [PORT]", static (port, _) => CtrlCServer.Serve(port, reuseAddress: false));
