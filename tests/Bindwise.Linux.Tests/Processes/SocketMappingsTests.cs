using System.Diagnostics;
using System.Text;
using Bindwise.Linux.Processes;

namespace Bindwise.Linux.Tests.Processes;

/// <summary>Sockets that a process has mapped into its memory.</summary>
public sealed class SocketMappingsTests
{
    private const string Map = """
        libc.mmap.restype = ctypes.c_void_p
        libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
        a = socket.socket()
        assert libc.mmap(None, 4096, 1, 1, a.fileno(), 0) not in (None, 2 ** 64 - 1)
        number = inode(a)

        """;

    [Theory]
    [InlineData("7fc8c462a000-7fc8c462b000 r--s 00000000 00:09 79820623                   socket:[79820623]", 79820623ul)]
    [InlineData("7fc8c462a000-7fc8c462b000 r--s 00000000 00:09 79820623 socket:[79820623]", 79820623ul)]
    [InlineData("7fc8c462a000-7fc8c462b000 r--p 00000000 fe:00 21733                      /tmp/socket:[21733]", null)]
    [InlineData("7fc8c462a000-7fc8c462b000 r--p 00000000 fe:00 21733                      /tmp/x socket:[21733]", null)]
    [InlineData("7fc8c462a000-7fc8c462b000 r--s 00000000 00:09 5                          socket:[6]", null)]
    [InlineData("7fc8c462a000-7fc8c462b000 r--s 00000000 00:09 5                          socket:[5] (deleted)", null)]
    [InlineData("7fc8c462a000-7fc8c462b000 rw-p 00000000 00:00 0                          [anon:socket:[0]]", null)]
    [InlineData("socket:[5]", null)]
    [InlineData("", null)]
    public void SocketOf_ALine_IsOnlyThatOfASocket(string line, ulong? inode) =>
        Assert.Equal(inode, SocketMappings.SocketOf(Encoding.UTF8.GetBytes(line)));

    [PythonFact]
    public void Find_SocketThatIsMappedAndClosed_NamesTheProcess()
    {
        using var python = PythonProcess.Start(Map + """
            a.close()
            say(number)
            wait_for_end()
            """);
        Assert.Equal(new Holder(python.Inode(), python.Id, -1, Way: HoldingWay.Mapping), Assert.Single(OwnerSearch.Find([python.Inode()]).Holders));
    }

    [PythonFact]
    public void Find_MappingAmongThousands_IsFound()
    {
        // More lines than one read brings.
        using var python = PythonProcess.Start("""
            libc.mmap.restype = ctypes.c_void_p
            libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
            for i in range(4000): libc.mmap(None, 4096, 1 + i % 2, 0x22, -1, 0)

            """ + Map + """
            for i in range(4000): libc.mmap(None, 4096, 1 + i % 2, 0x22, -1, 0)
            a.close()
            say(number)
            wait_for_end()
            """);
        Assert.Equal(python.Id, Assert.Single(OwnerSearch.Find([python.Inode()]).Holders).ProcessId);
    }

    [PythonFact]
    public void Find_MappedSocketOfALeaderThatHasEnded_IsFoundInItsThread()
    {
        using var python = PythonProcess.Start(Map + """
            a.close()
            def wait():
                say(number, threading.get_native_id())
                wait_for_end()
                os._exit(0)
            threading.Thread(target=wait).start()
            time.sleep(0.2)
            libc.syscall(60, 0)
            """);
        var waited = Stopwatch.StartNew();
        while (!LeaderHasEnded(python.Id) && waited.Elapsed < TimeSpan.FromMinutes(4))
            Thread.Sleep(10);
        var holder = Assert.Single(OwnerSearch.Find([python.Inode()]).Holders);
        Assert.Equal((python.Id, python.Number(1), HoldingWay.Mapping), (holder.ProcessId, holder.ThreadId!.Value, holder.Way));
    }

    private static bool LeaderHasEnded(int process) => File.ReadAllText($"/proc/{process}/stat").Contains(") Z ", StringComparison.Ordinal);
}
