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
            new Blocker(Listener, [new Owner(Samples.Node, OwnerRole.Receiver, []) { Ways = [HoldingWay.InFlight] }], RuleBook.HeldByListener)
            {
                Flights = [new ScmRightsInFlight(4121, 9, 9100, 1) { Carried = 77, SenderInode = 9101, Senders = [812], IsUnaccepted = true }],
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
                new Blocker(
                    Listener with { IsMultipath = Fact.Yes },
                    [
                        new Owner(mapping, OwnerRole.Holder, []) { Ways = [HoldingWay.Mapping] },
                        new Owner(ring, OwnerRole.Holder, [3]) { Ways = [HoldingWay.Descriptor, HoldingWay.IoUring] },
                        new Owner(thread, OwnerRole.Holder, [4]) { Ways = [HoldingWay.ThreadTable], ThreadId = 120 },
                        new Owner(call, OwnerRole.Candidate, []) { Ways = [HoldingWay.SystemCall], ThreadId = 140, Call = "accept4" },
                        new Owner(request, OwnerRole.Candidate, []) { Ways = [HoldingWay.IoUringRequest, HoldingWay.AioRequest] },
                        new Owner(zombie, OwnerRole.Holder, [4]) { Ways = [HoldingWay.ThreadTable], ThreadId = 130 },
                    ],
                    RuleBook.HeldByListener),
            ],
            Processes = [mapping, ring, thread, zombie, call, request],
        };
    }

    private static HeldSocket Listener => Samples.ListeningSocket with { Family = IpFamily.IPv4, Local = new IpEndpoint(IpAddress.AnyIPv4, 8080) };
}
