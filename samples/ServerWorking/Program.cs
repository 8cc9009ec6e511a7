// The working server of article 000: the same, but it waits for the client to close first. The client's side then holds
// the TIME_WAIT, this side is free at once, and the same command works again and again, without any option.
using Bindwise.Samples;

return Sample.Run(args, "ServerWorking [PORT]", static (port, _) =>
{
    using var listener = RawSocket.Open();
    listener.SetReceiveTimeout(Sample.Patience);
    listener.Bind(port);
    listener.Listen();
    Sample.Say($"listening on 0.0.0.0:{port}, waiting for one client");

    using (var connection = listener.Accept())
    {
        connection.SetReceiveTimeout(Sample.Patience);
        connection.Send("hello\n"u8);
        connection.ReceiveUntilClosed();
    }

    Sample.Say("the client closed first: start me again, bind() works");
    return Sample.Done;
});
