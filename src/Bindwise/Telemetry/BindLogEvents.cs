namespace Bindwise;

/// <summary>
/// The ids of the events that the packages log in the category <see cref="Category"/>. An event's name is the constant's.
/// </summary>
public static class BindLogEvents
{
    /// <summary>The category of all events.</summary>
    public const string Category = "Bindwise";

    /// <summary>Warning: an endpoint got another port than the one asked for.</summary>
    public const int FellBack = 1;

    /// <summary>Information: an endpoint or a listener listens on a socket that was passed to this process.</summary>
    public const int TookOver = 2;

    /// <summary>Warning: no endpoint uses a socket that was passed.</summary>
    public const int Unused = 3;

    /// <summary>Information: passed sockets take the place of a URL.</summary>
    public const int UrlSuperseded = 4;

    /// <summary>Warning: the port file cannot be removed.</summary>
    public const int PortFileStays = 5;

    /// <summary>Warning: this version of Kestrel does not show its endpoints.</summary>
    public const int EndpointsHidden = 6;

    /// <summary>Error: a start failed because something cannot be bound.</summary>
    public const int CannotBind = 7;

    /// <summary>Information: the start waits for an address in use.</summary>
    public const int WaitingForAddress = 9;

    /// <summary>Debug: the whole diagnosis of a failed start.</summary>
    public const int Explains = 10;

    /// <summary>Warning: sockets were passed and are not used.</summary>
    public const int NotTaken = 11;

    /// <summary>Information: listening sockets of an old instance were taken over.</summary>
    public const int SocketsReceived = 12;

    /// <summary>Information: a new instance has the listening sockets; this one finishes its connections.</summary>
    public const int HandedOver = 13;

    /// <summary>Warning: a hand-over failed; this instance serves on.</summary>
    public const int HandOverFailed = 14;

    /// <summary>Warning: a socket that was taken over has other options than the endpoint asks for.</summary>
    public const int SocketsDiffer = 15;

    /// <summary>Error: the old instance waits no more for this one, which stops.</summary>
    public const int HandOverNotReady = 16;

    /// <summary>Warning: the options ask for hand-overs, which need Linux; the endpoints are bound as ever.</summary>
    public const int HandOverUnsupported = 17;
}
