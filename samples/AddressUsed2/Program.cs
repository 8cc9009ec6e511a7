// The second server of article 002, with SO_REUSEADDR before bind(): the same Ctrl+C, and it starts again at once.
using Bindwise.Samples;

return Sample.Run(args, "AddressUsed2 [PORT]", static (port, _) => CtrlCServer.Serve(port, reuseAddress: true));
