using Bindwise.Linux.Bpf;

namespace Bindwise.Linux.FailedCalls;

/// <summary>One of the kernel's functions at whose end failed calls are seen.</summary>
/// <param name="Call">What a program asked for by it.</param>
/// <param name="Parameters">How many it takes: of listen() the struct socket and a number, else the struct socket, the address, its
/// length and perhaps flags. It gives 0 or an errno, negative.</param>
internal sealed record FailedCallFunction(int Id, PortEventCall Call, int Parameters)
{
    // All are called by way of struct proto_ops, or from another source file: no compiler puts them into their callers. By them pass system
    // calls, those of 32-bit programs, and io_uring.
    private static readonly ImmutableArray<(KernelPlace Place, PortEventCall Call)> Needed =
    [
        (Function("inet_bind", 3), PortEventCall.Bind), (Function("inet6_bind", 3), PortEventCall.Bind),
        (Function("unix_bind", 3), PortEventCall.Bind), (Function("inet_listen", 2), PortEventCall.Listen),
        (Function("unix_listen", 2), PortEventCall.Listen), (Function("inet_stream_connect", 4), PortEventCall.Connect),
        (Function("inet_dgram_connect", 4), PortEventCall.Connect),
    ];

    // Security modules refuse before those are reached; where the kernel has none, nothing is missed. UDP has sock_no_listen().
    private static readonly ImmutableArray<(KernelPlace Place, PortEventCall Call)> Optional =
    [
        (Function("security_socket_bind", 3), PortEventCall.Bind), (Function("security_socket_listen", 2), PortEventCall.Listen),
        (Function("sock_no_listen", 2), PortEventCall.Listen),
    ];

    // Since Linux 6.6, which has the last of these, MPTCP's calls no longer pass inet_bind(), inet6_bind() and inet_listen().
    private static readonly KernelPlace BindOfMptcp = Function("mptcp_bind", 3);
    private static readonly KernelPlace ListenOfMptcp = Function("mptcp_listen", 2);
    private static readonly KernelPlace ListenOfSock = KernelPlace.OptionalFunction("__inet_listen_sk");

    private static readonly KernelLayout<IReadOnlyList<FailedCallFunction>> RunningKernel = new(Read);

    /// <summary>Those of this kernel; null where not all that are needed can be told, as where IPv6 is a module.</summary>
    internal static IReadOnlyList<FailedCallFunction>? OfThisKernel() => RunningKernel.Read();

    /// <summary>Looks them up in the kernel's type information; null when a needed one is missing, or takes other parameters.</summary>
    internal static IReadOnlyList<FailedCallFunction>? Read(ReadOnlySpan<byte> typeInformation)
    {
        var found = KernelPlaces.Read(typeInformation,
            [.. Needed.Concat(Optional).Select(static one => one.Place), BindOfMptcp, ListenOfMptcp, ListenOfSock]);
        if (found is null)
            return null;
        var functions = new List<FailedCallFunction>();
        foreach (var (place, call) in Needed)
        {
            if (found.Find(place) is not { } id)
                return null;
            functions.Add(new FailedCallFunction(id, call, place.Parameters!.Value));
        }
        IEnumerable<(KernelPlace Place, PortEventCall Call)> ofMptcp = found.Find(ListenOfSock) is null ? []
            : [(BindOfMptcp, PortEventCall.Bind), (ListenOfMptcp, PortEventCall.Listen)];
        foreach (var (place, call) in Optional.Concat(ofMptcp))
        {
            if (found.Find(place) is { } id)
                functions.Add(new FailedCallFunction(id, call, place.Parameters!.Value));
        }
        return functions;
    }

    private static KernelPlace Function(string name, int parameters) => KernelPlace.OptionalFunction(name, parameters);
}
