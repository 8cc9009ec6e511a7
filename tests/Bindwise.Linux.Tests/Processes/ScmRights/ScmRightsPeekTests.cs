using Bindwise.Linux.Processes;
using Bindwise.Linux.Processes.ScmRights;

namespace Bindwise.Linux.Tests.Processes.ScmRights;

/// <summary>Looking at the first message of a queue without taking it.</summary>
public sealed class ScmRightsPeekTests
{
    private const string Prepare = """
        kind = int(sys.argv[1])
        here, there = socket.socketpair(socket.AF_UNIX, kind)
        a, b = socket.socket(), socket.socket()
        """;

    private const string Send = """

        socket.send_fds(here, [b'whole message'], [b.fileno(), a.fileno()])
        number = inode(a)
        a.close()
        """;

    private const string ReceiveAtEnd = """

        say(number, there.fileno(), inode(there))
        wait_for_end()
        data, got, _, _ = socket.recv_fds(there, 64, 8)
        assert data == b'whole message' and len(got) == 2 and inode(got[1]) == number
        """;

    [PythonTheory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void Find_FirstMessage_SeesTheSocketAndLeavesItThere(int kind)
    {
        using var python = PythonProcess.Start(Prepare + Send + ReceiveAtEnd, $"{kind}");
        var queue = new ScmRightsInFlight { ProcessId = python.Id, Descriptor = python.Number(1), Inode = python.Inode(2), Count = 2 };
        for (var i = 0; i < 20; i++)
            Assert.Equal(queue with { Carried = python.Inode() }, Assert.Single(ScmRightsPeek.Find([queue], new InodeSet([python.Inode()]))));
        AssertNoneIsOpenHere(python.Inode(), python.Inode(2));
        Assert.Empty(ScmRightsPeek.Find([queue], new InodeSet([ulong.MaxValue])));
        Assert.Equal(0, python.End());
    }

    [PythonFact]
    public void Find_ReceiverThatSetAPeekOffset_IsLeftAlone()
    {
        // Each peek would move its offset on.
        using var python = PythonProcess.Start(Prepare + "\nthere.setsockopt(socket.SOL_SOCKET, 42, 0)\n" + Send + """

            say(number, there.fileno(), inode(there))
            wait_for_end()
            assert there.getsockopt(socket.SOL_SOCKET, 42) == 0
            """, "1");
        Assert.Empty(ScmRightsPeek.Find([new ScmRightsInFlight
        {
            ProcessId = python.Id,
            Descriptor = python.Number(1),
            Inode = python.Inode(2),
            Count = 2,
        }], new InodeSet([python.Inode()])));
        Assert.Equal(0, python.End());
    }

    [PythonFact]
    public void Find_ReceiverThatAsksForCredentials_SeesTheSocket()
    {
        using var python = PythonProcess.Start(
            Prepare + "\nthere.setsockopt(socket.SOL_SOCKET, 16, 1)\ntry: there.setsockopt(socket.SOL_SOCKET, 76, 1)\nexcept OSError: pass\n" + Send + ReceiveAtEnd.Replace("8)", "64)", StringComparison.Ordinal), "1");
        for (var i = 0; i < 20; i++)
            Assert.Single(ScmRightsPeek.Find([new ScmRightsInFlight
            {
                ProcessId = python.Id,
                Descriptor = python.Number(1),
                Inode = python.Inode(2),
                Count = 2,
            }], new InodeSet([python.Inode()])));
        AssertNoneIsOpenHere(python.Inode(), python.Inode(2));
    }

    [PythonFact]
    public void Find_EmptyQueueOrNoSocketOrNobody_FindsNothing()
    {
        using var python = PythonProcess.Start(Prepare + "\nsay(there.fileno())\nwait_for_end()", "1");
        var wanted = new InodeSet([1, 2, 3]);
        Assert.Empty(ScmRightsPeek.Find([new ScmRightsInFlight
        {
            ProcessId = python.Id,
            Descriptor = python.Number(0),
            Inode = 1,
            Count = 1,
        }], wanted));
        Assert.Empty(ScmRightsPeek.Find([new ScmRightsInFlight
        {
            ProcessId = python.Id,
            Descriptor = 0,
            Inode = 1,
            Count = 1,
        }, new ScmRightsInFlight
        {
            ProcessId = python.Id,
            Descriptor = 999,
            Inode = 1,
            Count = 1,
        }, new ScmRightsInFlight
        {
            ProcessId = 0,
            Descriptor = -1,
            Inode = 1,
            Count = 1,
        }], wanted));
    }

    // Other tests of this process open and close descriptors at the same time: only those of these sockets count.
    private static void AssertNoneIsOpenHere(params ulong[] inodes)
    {
        var ours = inodes.Select(static inode => $"socket:[{inode}]").ToList();
        Assert.DoesNotContain(Directory.GetFiles("/proc/self/fd"), file => ours.Contains(new FileInfo(file).LinkTarget ?? ""));
    }
}
