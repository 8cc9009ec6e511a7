using System.Net;
using System.Net.Sockets;

namespace Bindwise.Start.Benchmarks;

/// <summary>
/// What the first failed bind of a process costs: the error, then why, then its text; and a second one, when all of that is loaded.
/// </summary>
internal static class Failures
{
    private const int Port = 8080;

    /// <summary>Prints them.</summary>
    public static void Report()
    {
        using var holder = new TcpListener(IPAddress.Loopback, Port);
        holder.Start();
        var began = Moment.Now;
        Listener.Bind(ListenRequest.On(IPAddress.Loopback, Port + 1)).Dispose();
        began.Report("a bind that works");
        began = Moment.Now;
        _ = Failed(ListenRequest.On(IPAddress.Loopback, Port) with { ExplainFailures = false });
        began.Report("the error alone");
        began = Moment.Now;
        var failure = Failed(ListenRequest.On(IPAddress.Loopback, Port));
        began.Report("why");
        began = Moment.Now;
        WriteText(failure);
        began.Report("its whole text");
        began = Moment.Now;
        _ = Failed(ListenRequest.On(IPAddress.Loopback, Port));
        began.Report("why, the second time");
    }

    private static void WriteText(BindException failure)
    {
        if (failure.Diagnosis?.ToText(width: null) is not { Length: > 0 })
            throw new InvalidOperationException("The port was free, or nobody looked why it is not.");
    }

    private static BindException Failed(ListenRequest request)
    {
        try
        {
            Listener.Bind(request).Dispose();
        }
        catch (BindException exception)
        {
            return exception;
        }
        throw new InvalidOperationException("The port was free.");
    }
}
