namespace Bindwise.Rendering.Tests;

/// <summary>Diagnoses of sockets that no process shows among its descriptors.</summary>
internal static class HoldingSamples
{
    public static Diagnosis InFlight() => Samples.Blocked("8080", Cause.DescriptorInFlight, RuleBook.HeldByListener) with
    {
        Summary = "8080/tcp is taken (EADDRINUSE): a socket that waits to be received by node (pid 4121) listens on 0.0.0.0:8080.",
        Why = ["The descriptor was sent to another process (SCM_RIGHTS) and nobody has received it yet."],
        Blockers =
        [
            new Blocker
            {
                Socket = Listener,
                Owners = [new Owner
                {
                    Process = Samples.Node,
                    Role = OwnerRole.Receiver,
                    Descriptors = [],
                    Ways = [HoldingWay.InFlight],
                }],
                Rule = RuleBook.HeldByListener,
                Flights = [new ScmRightsInFlight
                {
                    ProcessId = 4121,
                    Descriptor = 9,
                    Inode = 9100,
                    Count = 1,
                    Carried = 77,
                    SenderInode = 9101,
                    Senders = [812],
                    IsUnaccepted = true,
                }],
            },
        ],
        Processes = [Samples.Node],
    };

    public static Diagnosis OutOfSight()
    {
        var mapping = Samples.Node with { Id = 10, Arguments = ["mapper"] };
        var ring = Samples.Node with { Id = 11, Arguments = ["ring"], NamespacePid = 1 };
        var thread = Samples.Node with { Id = 12, Arguments = ["threads"] };
        var call = Samples.Node with { Id = 14, Arguments = ["acceptor"] };
        var request = Samples.Node with { Id = 15, Arguments = ["requester"] };
        var zombie = Samples.Node with { Id = 13, Name = "leader", Executable = null, Arguments = [], State = 'Z', LivingThreads = 2 };
        return Samples.Blocked("8080", Cause.HiddenDescriptor, RuleBook.HeldByListener) with
        {
            Summary = "8080/tcp is taken (EADDRINUSE): node (pid 10) and 5 others listen on 0.0.0.0:8080.",
            Why = ["The socket is held by something other than a descriptor."],
            Blockers =
            [
                new Blocker
                {
                    Socket = Listener with { IsMultipath = Fact.Yes },
                    Owners = [
                        new Owner { Process = mapping, Role = OwnerRole.Holder, Descriptors = [], Ways = [HoldingWay.Mapping] },
                        new Owner
                        {
                            Process = ring,
                            Role = OwnerRole.Holder,
                            Descriptors = [3],
                            Ways = [HoldingWay.Descriptor, HoldingWay.IoUring],
                        },
                        new Owner
                        {
                            Process = thread,
                            Role = OwnerRole.Holder,
                            Descriptors = [4],
                            Ways = [HoldingWay.ThreadTable],
                            ThreadId = 120,
                        },
                        new Owner
                        {
                            Process = call,
                            Role = OwnerRole.Candidate,
                            Descriptors = [],
                            Ways = [HoldingWay.SystemCall],
                            ThreadId = 140,
                            Call = "accept4",
                        },
                        new Owner
                        {
                            Process = request,
                            Role = OwnerRole.Candidate,
                            Descriptors = [],
                            Ways = [HoldingWay.IoUringRequest, HoldingWay.AioRequest],
                        },
                        new Owner
                        {
                            Process = zombie,
                            Role = OwnerRole.Holder,
                            Descriptors = [4],
                            Ways = [HoldingWay.ThreadTable],
                            ThreadId = 130,
                        },
                    ],
                    Rule = RuleBook.HeldByListener,
                },
            ],
            Processes = [mapping, ring, thread, zombie, call, request],
        };
    }

    private static HeldSocket Listener => Samples.ListeningSocket with { Family = IpFamily.IPv4, Local = new IpEndpoint(IpAddress.AnyIPv4, 8080) };
}
