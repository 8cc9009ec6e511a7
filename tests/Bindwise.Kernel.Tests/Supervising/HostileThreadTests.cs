using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Supervising;

/// <summary>A thread's number that becomes root's while the supervisor reads what its call names: nothing is done for who made the call any more.</summary>
[Trait("Lane", "second")]
public sealed class HostileThreadTests
{
    private const UnixFileMode SetUserOfRoot = UnixFileMode.SetUser | (UnixFileMode)0b111_101_101;

    [KernelTheory(Hostile.Compiler)]
    [InlineData("run")]
    [InlineData("hold")]
    [InlineData("audit")]
    public async Task NumberOfTheCallersThread_TakenOverByRoot_BindsNothing(string under)
    {
        foreach (var one in new[] { Hostile.Bare, under })
        {
            await using var host = await TestHost.OpenAsync();
            var page = Directory.CreateDirectory(Path.Combine(host.Folder, "page")).FullName;
            var setUser = Path.Combine(host.Folder, "set-user");
            ProgramCopy.Make(Hostile.File("take_over_thread"), setUser);
            File.SetUnixFileMode(setUser, SetUserOfRoot);
            Assert.Equal((one, "held-off"), (one, await Hostile.WordAsync(host, 0, one, Hostile.File("take_over_thread"), page, setUser)));
        }
    }
}
