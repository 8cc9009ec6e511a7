using System.Diagnostics;
using System.Net;

namespace Bindwise;

/// <summary>The activity of a bind, retries and the search for the reason included.</summary>
internal static class BindActivity
{
    /// <summary>Begins one; null if nobody wants it.</summary>
    public static Activity? Start(ListenRequest request)
    {
        var activity = SocketActivities.Start(BindwiseTelemetry.BindActivity, ActivityKind.Internal);
        if (activity is not { IsAllDataRequested: true })
            return activity;
        activity.SetTag(BindwiseTelemetry.TransportTag,
            request.UnixPath is not null ? "unix" : request.Transports == Transports.Udp ? "udp" : "tcp");
        if (request.UnixPath is { } path)
            activity.SetTag(BindwiseTelemetry.AddressTag, path);
        else if (request.Addresses is [var only])
            SocketActivities.SetAddress(activity, only);
        if (request.Port.Single is { } port && request.UnixPath is null)
            activity.SetTag(BindwiseTelemetry.PortTag, port);
        return activity;
    }

    public static void Bound(Activity activity, BoundListener listener)
    {
        if (listener.Sockets is [{ LocalEndPoint: IPEndPoint }, ..])
            activity.SetTag(BindwiseTelemetry.PortTag, listener.Port);
        SetAttempts(activity, listener.Attempts);
    }

    public static void Failed(Activity activity, Exception exception)
    {
        var refused = exception as BindException;
        SocketActivities.Failed(activity, exception, refused?.ErrorName, refused?.Diagnosis);
        SetAttempts(activity, refused?.Attempts ?? 1);
    }

    private static void SetAttempts(Activity activity, int attempts)
    {
        if (attempts > 1)
            activity.SetTag(BindwiseTelemetry.AttemptsTag, attempts);
    }
}
