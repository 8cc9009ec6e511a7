using System.Runtime.CompilerServices;

namespace Bindwise.Lab.Tests.Drawing;

/// <summary>
/// Pictures as text kept in Expectations/: a change shows as a diff to be looked at. Run with BINDWISE_UPDATE_EXPECTATIONS=1 to write them anew.
/// </summary>
internal static class DrawnExpectation
{
    public static void Check(string name, string actual, [CallerFilePath] string caller = "")
    {
        var path = Path.Combine(Path.GetDirectoryName(caller)!, "Expectations", name);
        if (Environment.GetEnvironmentVariable("BINDWISE_UPDATE_EXPECTATIONS") == "1")
            File.WriteAllText(path, actual);
        Assert.True(File.Exists(path), $"there is no expectation {name}: run once with BINDWISE_UPDATE_EXPECTATIONS=1 and look at it");
        Assert.Equal(File.ReadAllText(path), actual);
    }
}
