using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Supervising;

/// <summary>run --hold, and a program that ends its listening in a network namespace of its own, or as another user: its descriptor stays its own.</summary>
[Trait("Lane", "second")]
public sealed class HostileEndOfListeningTests
{
    // A program of this name is supervised as one of .NET: its connect() with AF_UNSPEC too.
    private const string DotNet = "dotnet";

    [KernelTheory(Hostile.Compiler)]
    [InlineData(0, "user", "up")]
    [InlineData(0, "user", "down")]
    [InlineData(0, "net", "up")]
    [InlineData(0, "net", "down")]
    [InlineData(0, "none", "same")]
    [InlineData(TestHost.Nobody, "user", "up")]
    [InlineData(TestHost.Nobody, "user", "down")]
    public async Task EndOfListening_LeavesTheSocketInItsNamespaceAndToItsOwner(int user, string namespaces, string loopback)
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync("hold.py", "tcp 127.0.0.1 7777 reuseport listen");
        var dotNet = Path.Combine(host.Folder, DotNet);
        ProgramCopy.Make(Hostile.File("end_listening"), dotNet);
        foreach (var (program, how) in new[] { (Hostile.File("end_listening"), "shutdown"), (dotNet, "disconnect") })
        {
            foreach (var under in new[] { Hostile.Bare, "run", "hold" })
                Assert.Equal((under, how, "held-off"), (under, how, await Hostile.WordAsync(host, user, under, program, how, namespaces, loopback)));
        }
    }
}
