// The reusable server of article 001: it sets SO_REUSEADDR before bind() and closes first. It restarts at once over its
// own TIME_WAIT, because the old socket had set the option too; over that of ServerBroken it would fail.
using Bindwise.Samples;

return Sample.Run(args, "ReusableTcpServer [PORT]", static (port, _) =>
{
    using var listener = RawSocket.Open();
    listener.SetReceiveTimeout(Sample.Patience);
    listener.SetReuseAddress();
    listener.Bind(port);
    listener.Listen();
    Sample.Say($"listening on 0.0.0.0:{port} with SO_REUSEADDR, waiting for one client");

    using (var connection = listener.Accept())
        connection.Send("hello\n"u8);

    Sample.Say("closed first: start me again, bind() works over my own TIME_WAIT");
    return Sample.Done;
});
