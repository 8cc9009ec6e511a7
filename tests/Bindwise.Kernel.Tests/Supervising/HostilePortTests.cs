using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Supervising;

/// <summary>Which ports are privileged is a matter of the program's network namespace.</summary>
public sealed class HostilePortTests
{
    [KernelTheory(Hostile.Compiler)]
    [InlineData(0, 1024, 80, "EACCES")]
    [InlineData(1024, 0, 80, "BOUND")]
    [InlineData(1024, 9000, 8080, "EACCES")]
    [InlineData(9000, 1024, 8080, "BOUND")]
    public async Task PrivilegedPort_IsThatOfTheProgramsNamespace(int hostStart, int programStart, int port, string expected)
    {
        await using var host = await TestHost.OpenAsync();
        await host.SetAsync("net.ipv4.ip_unprivileged_port_start", $"{hostStart}");
        foreach (var under in new[] { Hostile.Bare, "run", "hold", "audit" })
            Assert.Equal((under, expected), (under, await Hostile.WordAsync(host, 0, under, Hostile.File("low_port"), $"{programStart}", $"{port}")));
    }
}
