// The broken server of article 000: it serves one client and closes first. Its port then stays in TIME_WAIT for a minute,
// and the same command fails with "Address already in use". The listening socket's close() has no part in it: the
// connection's does.
using Bindwise.Samples;

return Sample.Run(args, "ServerBroken [PORT]", static (port, _) =>
{
    using var listener = RawSocket.Open();
    listener.SetReceiveTimeout(Sample.Patience);
    listener.Bind(port);
    listener.Listen();
    Sample.Say($"listening on 0.0.0.0:{port}, waiting for one client");

    using (var connection = listener.Accept())
        connection.Send("hello\n"u8);

    Sample.Say("closed first: once the client closes too, the port is in TIME_WAIT; start me again and bind() fails");
    return Sample.Done;
});
