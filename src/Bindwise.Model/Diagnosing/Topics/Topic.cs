using Bindwise.Model.Diagnosing.Planning;

namespace Bindwise.Model.Diagnosing.Topics;

/// <summary>A situation as a reader has it in hand: how it is recognised, what is said of it, and what to do about it.
/// <see cref="CauseBook"/> gives each cause to one topic. A topic overrides the questions that it has an answer to.</summary>
internal abstract class Topic
{
    public static readonly Topic Free = new FreeTopic();
    public static readonly Topic Listeners = new ListenerTopic();
    public static readonly Topic Holders = new HolderTopic();
    public static readonly Topic KernelSockets = new KernelSocketTopic();
    public static readonly Topic Connections = new ConnectionTopic();
    public static readonly Topic TimeWait = new TimeWaitTopic();
    public static readonly Topic Udp = new UdpTopic();
    public static readonly Topic UnixPaths = new UnixPathTopic();
    public static readonly Topic Policies = new PolicyTopic();
    public static readonly Topic Addresses = new AddressTopic();
    public static readonly Topic EphemeralPorts = new EphemeralPortTopic();

    /// <summary>In the order in which they are asked what a socket is, or why a bind() is refused.</summary>
    public static ImmutableArray<Topic> All { get; } =
        [Free, Listeners, Holders, KernelSockets, Connections, TimeWait, Udp, UnixPaths, Policies, Addresses, EphemeralPorts];

    /// <summary>What a socket in the way is, by its protocol and state; null where another topic knows.</summary>
    public virtual Cause? CauseOf(HeldSocket socket, Snapshot snapshot) => null;

    /// <summary>Why a bind() fails that no socket blocks; null where another topic knows, or a socket does block it.</summary>
    public virtual Cause? CauseOf(BindAssessment assessment, Snapshot snapshot) => null;

    /// <summary>The whole first line; null for the usual one, made of <see cref="Holding"/> or <see cref="Refusal"/>.</summary>
    public virtual string? OwnFirstLine(DiagnosisContext context) => null;

    /// <summary>The part of the first line that says what the socket does there: <c>node (pid 12) listens on [::]:80</c>.</summary>
    /// <param name="main">The socket, which <see cref="CauseOf(HeldSocket, Snapshot)"/> has recognised.</param>
    public virtual string Holding(DiagnosisContext context, Blocker main, string owner) => owner;

    /// <summary>The part of the first line that says why the kernel refuses the bind(), without a full stop.</summary>
    public virtual string Refusal(DiagnosisContext context) => "the kernel refuses it";

    /// <summary>How the cause comes about, in one sentence; null where the socket's own topic or the rule says it.</summary>
    public virtual string? Explanation(DiagnosisContext context) => null;

    /// <summary>Why the socket is in the way, in one sentence; null where the rule's own says it best.</summary>
    public virtual string? Reason(DiagnosisContext context, Blocker main) => null;

    public virtual IEnumerable<Remedy> Remedies(DiagnosisContext context) => [];

    /// <summary>What keeps it from happening again: mostly a change of the program's code, in its own language.</summary>
    public virtual IEnumerable<Remedy> Preventions(DiagnosisContext context) => [];
}
