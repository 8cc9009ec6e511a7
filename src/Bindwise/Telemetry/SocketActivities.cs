using System.Diagnostics;
using System.Net;

namespace Bindwise;

/// <summary>
/// The activities of sockets, with the attributes of OpenTelemetry's semantic conventions. Nothing is made, and nothing allocated, while
/// nobody listens to the source.
/// </summary>
internal static class SocketActivities
{
    private static readonly ActivitySource Source = new(BindwiseTelemetry.ActivitySourceName, BindwiseTelemetry.Version);

    public static bool AreHeard => Source.HasListeners();

    /// <summary>Begins one; null if nobody wants it.</summary>
    public static Activity? Start(string name, ActivityKind kind) => Source.StartActivity(name, kind);

    public static void SetAddress(Activity activity, IPAddress address)
    {
        activity.SetTag(BindwiseTelemetry.AddressTag, address.ToString());
        activity.SetTag(BindwiseTelemetry.FamilyTag, address.AddressFamily == AddressFamily.InterNetwork ? "ipv4" : "ipv6");
    }

    /// <param name="activity">The activity.</param>
    /// <param name="exception">What is thrown.</param>
    /// <param name="error">The error as the system names it; null for another kind: the exception's type.</param>
    /// <param name="diagnosis">Why; null if that is not known.</param>
    public static void Failed(Activity activity, Exception exception, string? error, Diagnosis? diagnosis)
    {
        activity.SetStatus(ActivityStatusCode.Error, exception.Message);
        activity.SetTag(BindwiseTelemetry.ErrorTag, error ?? exception.GetType().FullName);
        if (diagnosis is not null)
            activity.SetTag(BindwiseTelemetry.CauseTag, diagnosis.Cause.Id());
    }
}
