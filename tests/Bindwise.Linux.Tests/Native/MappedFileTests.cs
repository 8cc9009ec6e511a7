using System.Text;
using Bindwise.Linux.Native;
using Bindwise.Linux.Tests.Processes;

namespace Bindwise.Linux.Tests.Native;

public sealed class MappedFileTests
{
    [LinuxFact]
    public void Open_FileThatCanBeMapped_GivesItsBytes()
    {
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, "three words here");
            Assert.Equal(Errno.None, Open(path, limitBytes: 16, out var file));
            using (file)
                Assert.Equal("three words here", Encoding.ASCII.GetString(file.Bytes));
            Assert.True(file.Bytes.IsEmpty);
            Assert.Equal(Errno.EINVAL, Open(path, limitBytes: 15, out _));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [LinuxFact]
    public void Open_FileThatCanOnlyBeRead_GivesAsManyBytesAsItHas()
    {
        // Files of /sys say a page, have less, and refuse mmap: as the type information does before Linux 6.16.
        const string path = "/sys/kernel/uevent_seqnum";
        Assert.Equal(Errno.None, Open(path, limitBytes: 1 << 20, out var file));
        using (file)
            Assert.Matches("^[0-9]+\n$", Encoding.ASCII.GetString(file.Bytes));
    }

    [LinuxFact]
    public void Open_WhatIsNotThere_GivesTheError()
    {
        Assert.Equal(Errno.ENOENT, Open("/no/such/file", limitBytes: 100, out var file));
        Assert.True(file.Bytes.IsEmpty);
        Assert.Equal(Errno.EINVAL, Open("/proc/version", limitBytes: 100, out _));
    }

    private static Errno Open(string path, int limitBytes, out MappedFile file) => MappedFile.Open(Encoding.ASCII.GetBytes(path + '\0'), limitBytes, out file);
}
