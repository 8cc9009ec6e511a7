using System.Text;
using Bindwise.Supervising.Holding;

namespace Bindwise.Supervising.Tests;

public sealed class DisconnectingProgramTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("bindwise-").FullName;

    [Theory]
    [InlineData("dotnet", true)]
    [InlineData("/nowhere/dotnet", true)]
    [InlineData("/bin/sh", false)]
    [InlineData("sh", false)]
    [InlineData("/nowhere/server", false)]
    [InlineData("", false)]
    public void Command_IsKnownByItsName(string command, bool isOne) => Check(command, isOne);

    [Theory]
    [InlineData("server.dll", true)]
    [InlineData("server.runtimeconfig.json", true)]
    [InlineData("other.dll", false)]
    public void Executable_IsKnownByWhatIsBesideIt(string companion, bool isOne)
    {
        var file = Path.Combine(_folder, "server");
        File.WriteAllText(file, "");
        File.WriteAllText(Path.Combine(_folder, companion), "");
        Check(file, isOne);
        var link = Path.Combine(_folder, "link");
        File.CreateSymbolicLink(link, file);
        Check(link, isOne);
    }

    [Fact]
    public void Process_IsKnownByItsThreads()
    {
        if (!OperatingSystem.IsLinux())
            return;
        Assert.True(DisconnectingProgram.HasThreadsOf(Environment.ProcessId));
        Assert.False(DisconnectingProgram.HasThreadsOf(int.MaxValue));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static void Check(string command, bool isOne)
    {
        if (OperatingSystem.IsLinux())
            Assert.Equal(isOne, DisconnectingProgram.Is(Encoding.UTF8.GetBytes(command)));
    }
}
