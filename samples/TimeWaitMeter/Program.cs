// The meter of article 003: it makes a connection to itself, closes the server's end first, and binds again in a loop
// until that works. The time it prints is how long this system keeps TIME_WAIT (Linux: 60 s, up to 65 with its timers).
using System.Diagnostics;
using System.Globalization;
using Bindwise.Samples;

return Sample.Run(args, "TimeWaitMeter [PORT [MAX_SECONDS]]", static (port, rest) =>
{
    var limit = TimeSpan.FromSeconds(150);
    if (rest.Length > 0)
    {
        if (!int.TryParse(rest[0], NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
            return Sample.Usage;
        limit = TimeSpan.FromSeconds(seconds);
    }

    MakeTimeWait(port);
    var clock = Stopwatch.StartNew();
    var nextWord = TimeSpan.Zero;
    Sample.Say($"closed first on port {port}; binding again until it works");

    while (clock.Elapsed < limit)
    {
        using (var socket = RawSocket.Open())
        {
            var errno = socket.TryBind(port);
            if (errno == 0)
            {
                Sample.Say(string.Create(CultureInfo.InvariantCulture, $"bind() works again after {clock.Elapsed.TotalSeconds:0.0} s"));
                return Sample.Done;
            }

            if (errno != SystemCallException.AddressInUse)
                throw new SystemCallException("bind", errno);
        }

        if (clock.Elapsed >= nextWord)
        {
            Sample.Say(string.Create(CultureInfo.InvariantCulture, $"{clock.Elapsed.TotalSeconds,3:0} s: Address already in use"));
            nextWord += TimeSpan.FromSeconds(10);
        }

        Thread.Sleep(100);
    }

    Console.Error.WriteLine($"still in use after {limit.TotalSeconds:0} s");
    return Sample.AddressInUse;
});

static void MakeTimeWait(ushort port)
{
    using var listener = RawSocket.Open();
    listener.Bind(port);
    listener.Listen();
    using var client = RawSocket.Open();
    client.Connect(port);
    using (listener.Accept())
    {
        // Only to close it before the client does.
    }

    client.SetReceiveTimeout(Sample.Patience);
    client.ReceiveUntilClosed();
}
