namespace Bindwise.Extensions.Hosting;

/// <summary>
/// How a host binds the listeners of <c>AddListener</c>. Read from the section <c>Bindwise</c> of the configuration first, then set by code
/// (<c>services.Configure&lt;BindwiseHostOptions&gt;</c>); checked when the host starts.
/// </summary>
public sealed class BindwiseHostOptions
{
    /// <summary>The section of the configuration.</summary>
    public const string SectionName = "Bindwise";

    /// <summary>
    /// A listener takes sockets that a service manager or a parent passed (LISTEN_FDS, sd_listen_fds(3)): those with its name
    /// (FileDescriptorName=), else those bound where it would listen. Passed sockets that no listener takes refuse the start. <see
    /// cref="SocketActivationMode.Off"/>: none is taken; listeners have no URLs, and make no difference between the others. Where
    /// <c>UseBindwise()</c> binds Kestrel's endpoints, those take the sockets, and the listeners bind.
    /// </summary>
    public SocketActivationMode SocketActivation { get; set; } = SocketActivationMode.Matching;

    /// <summary>
    /// What to do if the sockets were passed to another process, for instance to a wrapper script; null: a warning in the log, and the
    /// listeners bind.
    /// </summary>
    public ListenPidMismatch? ListenPidMismatch { get; set; }

    /// <summary>How much of a holder's command line is logged when a start fails; passwords and keys in it are masked.</summary>
    public CommandLineDetail CommandLines { get; set; }

    /// <summary>What the configuration had that could not be understood, one sentence each.</summary>
    internal List<string> Faults { get; } = [];
}
