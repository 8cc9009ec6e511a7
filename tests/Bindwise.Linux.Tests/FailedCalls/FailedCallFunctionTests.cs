using Bindwise.Linux.FailedCalls;
using Bindwise.Linux.Tests.Processes.TaskFiles;

namespace Bindwise.Linux.Tests.FailedCalls;

/// <summary>At which of the kernel's functions the tap stands: at all that are needed, as they are known, or at none.</summary>
public sealed class FailedCallFunctionTests
{
    private const int Prototype = 13;

    [Fact]
    public void Read_AllThatIsNeeded_GivesThemWithWhatTheyTake()
    {
        var functions = FailedCallFunction.Read(Kernel().ToArray())!;
        Assert.Equal([(4, 3), (5, 3), (6, 3), (7, 2), (8, 2), (9, 4), (10, 4)], functions.Select(static one => (one.Id, one.Parameters)));
        Assert.Equal(3, functions.Count(static one => one.Call == PortEventCall.Bind));
    }

    [Theory]
    [InlineData("inet6_bind")]
    [InlineData("inet_listen")]
    [InlineData("inet_dgram_connect")]
    public void Read_WithoutOne_OrWithAnotherPrototype_GivesNone(string name)
    {
        Assert.Null(FailedCallFunction.Read(Kernel(left: name).ToArray()));
        Assert.Null(FailedCallFunction.Read(Kernel(left: name).Add("", Prototype, 5, 0, new byte[40]).Add(name, 12, 0, 10).ToArray()));
    }

    [Fact]
    public void Read_OfAPrototypeBehindItsFunction_IsTheSame()
    {
        var types = Kernel(left: "unix_bind").Add("unix_bind", 12, 0, sizeOrType: 11).Add("", Prototype, 3, 0, new byte[24]);
        Assert.Equal(7, FailedCallFunction.Read(types.ToArray())!.Count);
    }

    [Fact]
    public void Read_OfMptcp_TakesItsOwnWhereTheyDoNotLeadToThoseOfInet()
    {
        TypeInformation Mptcp() => Kernel().Add("mptcp_bind", 12, 0, 2).Add("mptcp_listen", 12, 0, 1);
        Assert.Equal(7, FailedCallFunction.Read(Mptcp().ToArray())!.Count);
        Assert.Equal([(11, PortEventCall.Bind), (12, PortEventCall.Listen)],
            FailedCallFunction.Read(Mptcp().Add("__inet_listen_sk", 12, 0, 1).ToArray())!.Skip(7).Select(static one => (one.Id, one.Call)));
    }

    [Fact]
    public void Read_OfSecurityModules_TakesWhatTheyRefuse() =>
        Assert.Equal(9, FailedCallFunction.Read(Kernel().Add("security_socket_bind", 12, 0, 2).Add("security_socket_listen", 12, 0, 1).ToArray())!.Count);

    // The types 1 to 3 are prototypes of two, three and four parameters.
    private static TypeInformation Kernel(string? left = null)
    {
        var types = new TypeInformation();
        for (var count = 2; count <= 4; count++)
            types.Add("", Prototype, count, 0, new byte[8 * count]);
        foreach (var (name, prototype) in ((string, uint)[])[("inet_bind", 2), ("inet6_bind", 2), ("unix_bind", 2), ("inet_listen", 1),
            ("unix_listen", 1), ("inet_stream_connect", 3), ("inet_dgram_connect", 3)])
        {
            if (name != left)
                types.Add(name, 12, 0, prototype);
        }
        return types;
    }
}
