namespace Bindwise.Samples;

/// <summary>The server of article 002: it keeps its clients' connections open until Ctrl+C ends it, and them.</summary>
internal static class CtrlCServer
{
    /// <summary>Serves until the process is ended.</summary>
    public static int Serve(ushort port, bool reuseAddress)
    {
        using var listener = RawSocket.Open();
        listener.SetReceiveTimeout(Sample.Patience);
        if (reuseAddress)
            listener.SetReuseAddress();
        listener.Bind(port);
        listener.Listen();
        Sample.Say($"listening on 0.0.0.0:{port}{(reuseAddress ? " with SO_REUSEADDR" : "")}; connect, then press Ctrl+C");

        // Held until the end: a collected connection would be closed before Ctrl+C closes it.
        var connections = new List<RawSocket>();
        while (true)
        {
            connections.Add(listener.Accept());
            connections[^1].Send("hello\n"u8);
            Sample.Say($"client {connections.Count} is connected");
        }
    }
}
