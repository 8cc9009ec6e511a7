using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Simulation;

/// <summary>Small systems have no OpenSSL: .NET ends a program there that asks it for cryptography.</summary>
public sealed class NoOpenSslTests
{
    private const string Hide = "for file in $(ldconfig -p | sed -n 's/.*=> \\(.*lib\\(ssl\\|crypto\\)\\.so.*\\)/\\1/p'); do mount --bind /dev/null \"$file\"; done";

    [KernelFact]
    public async Task SavedSnapshots_WithoutOpenSsl_Work()
    {
        await using var host = await TestHost.OpenAsync();
        var hidden = await host.RunAsync("/bin/sh", "-c", Hide);
        Assert.True(hidden.ExitCode == 0, hidden.ToString());
        Assert.NotEqual(0, (await host.RunAsync("python3", "-c", "import ssl")).ExitCode);
        var saved = await host.RunAsync(Programs.Bindwise, "why", "8080", "--save-snapshot", Path.Combine(host.Folder, "saved.json"));
        Assert.True(saved.ExitCode == 0, saved.ToString());
    }
}
