using System.Diagnostics;
using System.Runtime.Versioning;

namespace Bindwise.Supervising.Tests;

[SupportedOSPlatform("linux")]
public sealed class SupervisorProcessTests
{
    [Fact]
    public void CheckAccess_OfAProcessThatHasEnded_IsNoLimit()
    {
        using var process = Process.Start("true");
        var id = process.Id;
        process.WaitForExit();
        Assert.Null(SupervisorProcess.CheckAccess(id, 0));
    }
}
