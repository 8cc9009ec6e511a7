using System.Net.NetworkInformation;
using IsolatedProcess;

namespace Bindwise.Tests;

/// <summary>What these tests run in: a body that sees one interface and its own processes alone.</summary>
public sealed class ApartTests
{
    [IsolatedFact]
    public Task Body_SeesOnlyTheLoopbackInterface() => Body.RunAsync(static () =>
    {
        Assert.Equal(["lo"], NetworkInterface.GetAllNetworkInterfaces().Select(static link => link.Name));
        Assert.InRange(Environment.ProcessId, 1, 100);
        return Task.CompletedTask;
    });

    [IsolatedFact]
    public async Task Body_ThatFails_FailsTheTest() =>
        await Assert.ThrowsAnyAsync<Xunit.Sdk.XunitException>(static () => Body.RunAsync(static word => throw new InvalidOperationException(word), "so"));
}
