// The first pair of article 003: the server echoes one message and closes; the client sends it and waits for the echo.
// The server closes first, so a second run within a minute fails.
using System.Text;
using Bindwise.Samples;

return Sample.Run(args, "EchoOnce [PORT [client]]", static (port, rest) => rest switch
{
    [] => Serve(port),
    ["client"] => Ask(port),
    _ => Sample.Usage,
});

static int Serve(ushort port)
{
    using var listener = RawSocket.Open();
    listener.SetReceiveTimeout(Sample.Patience);
    listener.Bind(port);
    listener.Listen();
    Sample.Say($"listening on 0.0.0.0:{port}, echoing one message");

    using (var connection = listener.Accept())
    {
        connection.SetReceiveTimeout(Sample.Patience);
        Span<byte> message = stackalloc byte[512];
        connection.Send(message[..connection.Receive(message)]);
    }

    Sample.Say("echoed, closed first");
    return Sample.Done;
}

static int Ask(ushort port)
{
    using var connection = RawSocket.Open();
    connection.SetReceiveTimeout(Sample.Patience);
    connection.Connect(port);
    connection.Send("hello\n"u8);
    Span<byte> echo = stackalloc byte[512];
    var count = connection.Receive(echo);
    Sample.Say("echo: " + Encoding.UTF8.GetString(echo[..count]).TrimEnd());
    connection.ReceiveUntilClosed();
    return Sample.Done;
}
