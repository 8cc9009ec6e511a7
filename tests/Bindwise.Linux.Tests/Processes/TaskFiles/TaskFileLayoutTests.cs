using System.Buffers.Binary;
using Bindwise.Linux.Bpf;
using Bindwise.Linux.Native;
using Bindwise.Linux.Processes.TaskFiles;
using FsCheck;
using FsCheck.Fluent;

namespace Bindwise.Linux.Tests.Processes.TaskFiles;

/// <summary>The kernel's type information is read from a file: whatever stands there, it gives a sound layout or none.</summary>
[Trait("Seed", "any")]
public sealed class TaskFileLayoutTests
{
    private static readonly TaskFileLayout Expected = new()
    {
        Function = 6,
        FileInode = 32,
        InodeNumber = 64,
        TaskPid = 1368,
        TaskLeader = 1328,
        PidLevel = 4,
        PidNumbers = 144,
        NumberSize = 16,
        NumberValue = 0,
    };

    [Fact]
    public void Read_AllThatIsNeeded_GivesIt() => Assert.Equal(Expected, TaskFileLayout.Read(Complete().ToArray()));

    [Fact]
    public void Read_EveryKindOfTypeBetween_CountsThemAll()
    {
        int[] sizes = [0, 4, 0, 12, 24, 24, 16, 0, 0, 0, 0, 0, 0, 16, 4, 24, 0, 4, 0, 24];
        var types = new TypeInformation().KernelStructures();
        for (var kind = 1; kind < sizes.Length; kind++)
            types.Add("file", kind, count: 2, sizeOrType: 4, new byte[sizes[kind]]);
        Assert.Equal(Expected with { Function = 5 + sizes.Length }, TaskFileLayout.Read(types.Function("bpf_iter_task_file").ToArray()));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(20)]
    [InlineData(31)]
    public void Read_UnknownKind_GivesNone(int kind) =>
        Assert.Null(TaskFileLayout.Read(new TypeInformation().KernelStructures().Add("", kind, 0, 0).Function("bpf_iter_task_file").ToArray()));

    [Fact]
    public void Read_TwoStructuresOfOneName_TakesTheOneWithTheMember()
    {
        var types = new TypeInformation().Structure("file", 8, ("name", 0)).KernelStructures().Structure("file", 64, ("f_inode", 0));
        Assert.Equal(Expected with { Function = 8 }, TaskFileLayout.Read(types.Function("bpf_iter_task_file").ToArray()));
    }

    [Theory]
    [InlineData(false, 8 * 184 + 8)] // beyond the structure
    [InlineData(false, 12)] // not at a byte
    [InlineData(true, (1 << 24) | 256)] // a bit field
    public void Read_MemberThatCannotBeLoaded_GivesNone(bool hasBitfieldSizes, uint position)
    {
        var types = new TypeInformation()
            .Structure("file", 184, hasBitfieldSizes, ("f_inode", position))
            .Structure("task_struct", 3264, ("group_leader", 8), ("thread_pid", 16))
            .Structure("pid", 144, ("level", 8 * 4), ("numbers", 8 * 144))
            .Structure("inode", 616, ("i_ino", 8 * 64))
            .Structure("upid", 16, ("nr", 0));
        Assert.Null(TaskFileLayout.Read(types.Function("bpf_iter_task_file").ToArray()));
    }

    [Fact]
    public void Read_NameThatOnlyBeginsAlike_IsAnother() =>
        Assert.Null(TaskFileLayout.Read(new TypeInformation().KernelStructures().Function("bpf_iter_task_file_2").Function("bpf_iter_task").ToArray()));

    [Fact]
    public void Read_CutAnywhere_GivesNone()
    {
        var whole = Complete().ToArray();
        for (var length = 0; length < whole.Length; length++)
            Assert.Null(TaskFileLayout.Read(whole.AsSpan(0, length)));
    }

    [Fact]
    public void Read_SectionsCutShort_NeverThrows()
    {
        var whole = Complete().ToArray();
        var types = BinaryPrimitives.ReadInt32LittleEndian(whole.AsSpan(12));
        for (var length = 0; length < types; length++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(whole.AsSpan(12), length);
            Assert.Null(TaskFileLayout.Read(whole));
        }
    }

    [Fact]
    public void Read_AnyBytes_NeverThrows() =>
        Prop.ForAll<byte[]>(bytes => IsSound(bytes)).Holds();

    [Fact]
    public void Read_AnyTypesBehindATrueHeader_NeverThrows()
    {
        Prop.ForAll<byte[]>(bytes =>
        {
            var header = new TypeInformation().ToArray()[..TypeInformation.HeaderBytes];
            BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(12), bytes.Length);
            BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(16), 0);
            BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(20), bytes.Length);
            return IsSound([.. header, .. bytes]);
        }).Holds();
    }

    [Fact]
    public void Read_GarbledAtAnyPlaces_GivesASoundLayoutOrNone()
    {
        var whole = Complete().ToArray();
        var garbles = Gen.ListOf(Gen.Choose(0, whole.Length - 1).Zip(Gen.Choose(0, 255))).ToArbitrary();
        Check.One(Seed.Config.WithMaxTest(3000), Prop.ForAll(garbles, places =>
        {
            var bytes = whole.ToArray();
            foreach (var (place, value) in places)
                bytes[place] = (byte)value;
            return IsSound(bytes);
        }));
    }

    [TaskFileFact]
    public void Read_ThisKernel_IsKnown()
    {
        Assert.Equal(Errno.None, MappedFile.Open("/sys/kernel/btf/vmlinux\0"u8, KernelLayout.LimitBytes, out var file));
        using (file)
            Assert.NotNull(TaskFileLayout.Read(file.Bytes));
    }

    private static TypeInformation Complete() => new TypeInformation().KernelStructures().Function("bpf_iter_task_file");

    // Offsets must fit an instruction, and writing the program must not fail either.
    private static bool IsSound(byte[] bytes)
    {
        if (TaskFileLayout.Read(bytes) is not { } layout)
            return true;
        int[] offsets = [layout.FileInode, layout.InodeNumber, layout.TaskPid, layout.TaskLeader, layout.PidLevel, layout.PidNumbers, layout.NumberValue];
        return layout.Function > 0
            && offsets.All(offset => offset is >= 0 and <= short.MaxValue)
            && TaskFileProgram.Write(layout, new Bindwise.Linux.Processes.InodeSet([1])).Length > 0;
    }
}
