using Bindwise.Linux.Processes.ScmRights;
using Bindwise.Linux.Tests.Processes.TaskFiles;

namespace Bindwise.Linux.Tests.Processes.ScmRights;

/// <summary>What is read of a kernel's structures for the walk over UNIX sockets.</summary>
public sealed class ScmRightsLayoutTests
{
    private static TypeInformation Structures(bool hasListener = true, bool hasPlainSock = true)
    {
        (string, uint)[] unix = hasListener ? [("sk", 0), ("peer", 8 * 872), ("listener", 8 * 880)] : [("sk", 0), ("peer", 8 * 872)];
        (string, uint)[] message = hasPlainSock ? [("sk", 8 * 24), ("cb", 8 * 40)] : [("", 8 * 24), ("cb", 8 * 40)];
        return new TypeInformation()
            .Structure("file", 184, ("f_op", 64), ("f_inode", 8 * 32))
            .Structure("sk_buff", 224, message)
            .Structure("inode", 616, ("i_sb", 8 * 40), ("i_ino", 8 * 64))
            .Structure("super_block", 1200, ("s_magic", 8 * 96))
            .Structure("user_struct", 160, ("uid", 8 * 104))
            .Structure("sock", 784, ("sk_receive_queue", 8 * 168), ("sk_socket", 8 * 288))
            .Structure("socket_alloc", 768, ("socket", 0), ("vfs_inode", 8 * 128))
            .Structure("unix_sock", 1152, unix)
            .Structure("scm_fp_list", 2064, ("count", 0), ("user", 8 * 32), ("fp", 8 * 40))
            .Structure("unix_skb_parms", 32, ("pid", 0), ("fp", 8 * 16));
    }

    [Fact]
    public void Read_AKernelsTypes_FindsEveryPlace()
    {
        var layout = ScmRightsLayout.Read(Structures().Function("bpf_iter_task").Function("bpf_iter_unix").ToArray());
        Assert.Equal(
            new ScmRightsLayout
            {
                Function = 12,
                ReceiveQueue = 168,
                SocketOfSock = 288,
                Listener = 880,
                MessageSock = 24,
                MessageControl = 40,
                Files = 16,
                FileCount = 0,
                FirstFile = 40,
                FilesUser = 32,
                UserNumber = 104,
                FileInode = 32,
                InodeNumber = 64,
                InodeFileSystem = 40,
                Magic = 96,
                SocketToInode = 128,
            },
            layout);
    }

    [Fact]
    public void Read_AnOlderKernel_DoesWithoutListenerAndSender()
    {
        var layout = ScmRightsLayout.Read(Structures(hasListener: false, hasPlainSock: false).Function("bpf_iter_unix").ToArray());
        Assert.NotNull(layout);
        Assert.Equal((null, null), (layout.Listener, layout.MessageSock));
    }

    [Fact]
    public void Read_AKernelWithoutTheIterator_IsNone() => Assert.Null(ScmRightsLayout.Read(Structures().ToArray()));

    [Fact]
    public void Read_CutAnywhere_IsNoneAndNoFault()
    {
        var bytes = Structures().Function("bpf_iter_unix").ToArray();
        for (var length = 0; length < bytes.Length; length++)
            Assert.Null(ScmRightsLayout.Read(bytes.AsSpan(0, length)));
    }
}
