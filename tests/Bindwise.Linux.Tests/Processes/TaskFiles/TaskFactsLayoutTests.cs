using Bindwise.Linux.Bpf;
using Bindwise.Linux.Processes.TaskFiles;

namespace Bindwise.Linux.Tests.Processes.TaskFiles;

/// <summary>Where the kernel has what is told of a process, members of parts without a name included.</summary>
[Trait("Seed", "any")]
public sealed class TaskFactsLayoutTests
{
    private static readonly KernelPlace Direct = KernelPlace.OffsetWithin("mm_struct", "arg_end");
    private static readonly KernelPlace Within = KernelPlace.OffsetWithin("mm_struct", "arg_start");

    [TaskFileFact]
    public void Read_ThisKernel_IsKnown()
    {
        var layout = TaskFactsLayout.OfThisKernel();
        Assert.NotNull(layout);
        Assert.NotEqual(layout.ArgumentsStart, layout.ArgumentsEnd);
    }

    [Fact]
    public void Read_MemberOfANamelessPart_CountsFromTheWholesBeginning()
    {
        var types = new TypeInformation().Structure("", 64, ("exe_file", 0), ("arg_start", 8 * 24))
            .Structure("mm_struct", 128, ("arg_end", 8 * 8), ("", 8 * 32));
        var found = KernelPlaces.Read(types.ToArray(), Direct, Within);
        Assert.Equal((8, 56), (found?[Direct], found?[Within]));
    }

    [Fact]
    public void Read_PartWithoutTheMember_GivesNone()
    {
        var types = new TypeInformation().Structure("", 64, ("exe_file", 0)).Structure("mm_struct", 128, ("arg_end", 8 * 8), ("", 8 * 32));
        Assert.Null(KernelPlaces.Read(types.ToArray(), Direct, Within));
    }

    [Fact]
    public void Read_MemberOfAPartThatIsNoStructure_GivesNone()
    {
        var types = new TypeInformation().Function("").Structure("mm_struct", 128, ("arg_end", 8 * 8), ("", 8 * 32));
        Assert.Null(KernelPlaces.Read(types.ToArray(), Direct, Within));
    }
}
