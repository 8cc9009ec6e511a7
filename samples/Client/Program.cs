// The other side of the servers here. Who closes first decides who gets the TIME_WAIT:
//   closes-last   waits for the server's FIN, then closes (default)
//   closes-first  reads the greeting, then closes
//   stays         keeps the connection open, whatever the server does, until its own Ctrl+C or end of input
using Bindwise.Samples;

return Sample.Run(args, "Client [PORT [closes-last|closes-first|stays]]", static (port, rest) =>
{
    var manner = rest.Length > 0 ? rest[0] : "closes-last";
    if (manner is not ("closes-last" or "closes-first" or "stays"))
        return Sample.Usage;

    using var connection = RawSocket.Open();
    connection.SetReceiveTimeout(Sample.Patience);
    connection.Connect(port);
    Sample.Say($"connected to 127.0.0.1:{port}");

    // Read all there is before closing: unread bytes would turn the close into a reset, which leaves no TIME_WAIT.
    Span<byte> greeting = stackalloc byte[512];
    _ = connection.Receive(greeting);
    switch (manner)
    {
        case "closes-last":
            connection.ReceiveUntilClosed();
            break;
        case "stays":
            Sample.Say("staying connected");
            while (Console.In.Read() >= 0)
            {
            }

            break;
    }

    return Sample.Done;
});
