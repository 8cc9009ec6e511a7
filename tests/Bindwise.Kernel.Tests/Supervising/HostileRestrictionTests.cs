using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Supervising;

/// <summary>A program that took a right from itself, in a way that its supervisor may not see, does not have it back.</summary>
[Trait("Lane", "second")]
public sealed class HostileRestrictionTests
{
    public static TheoryData<string, string> Restrictions
    {
        get
        {
            var rows = new TheoryData<string, string>();
            foreach (var by in new[] { "landlock64", "landlock32", "filter64", "filter32" })
            {
                foreach (var who in new[] { "itself", "one-thread", "thread", "child", "executed" })
                    rows.Add(by, who);
            }
            return rows;
        }
    }

    [KernelTheory(Hostile.Compiler)]
    [MemberData(nameof(Restrictions))]
    public async Task Restriction_HoldsForTheSupervisorToo(string by, string who)
    {
        var restricted = "EACCES";
        foreach (var under in new[] { Hostile.Bare, "run", "hold", "audit" })
        {
            await using var host = await TestHost.OpenAsync();
            var word = await Hostile.WordAsync(host, 0, under, Hostile.File("restrict_unseen"), by, who);
            // Where the machine has no calls of i386, the program says so instead, alone and under each supervisor.
            if (under == Hostile.Bare && by.EndsWith("32", StringComparison.Ordinal) && word == "ENOSYS")
                restricted = word;
            Assert.Equal((under, restricted), (under, word));
        }
    }
}
