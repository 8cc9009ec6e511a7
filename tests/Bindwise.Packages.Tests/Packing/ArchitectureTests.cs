using System.Text.RegularExpressions;

namespace Bindwise.Packages.Tests.Packing;

/// <summary>The processors that the scripts in eng/ build for: the same everywhere, and no others.</summary>
public sealed partial class ArchitectureTests
{
    [PackedFact]
    public async Task Processors_OfScriptsProjectsAndLockFiles_AreTheSame()
    {
        var described = await ShellAsync(". eng/architecture.sh; for one in x64 arm64; do use_architecture $one; echo $runtime $debian $triple; done");
        Assert.Equal("linux-x64 amd64 x86_64-linux-gnu\nlinux-arm64 arm64 aarch64-linux-gnu\n", described);
        var python = await ShellAsync("PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=eng python3 -c 'import debian; [print(f\"linux-{one}\", name) for one, name in debian.ARCHITECTURES.items()]'");
        Assert.Equal("linux-x64 amd64\nlinux-arm64 arm64\n", python);
        foreach (var project in (string[])["src/Bindwise.Cli/Bindwise.Cli.csproj", "samples/library/KestrelFallback/KestrelFallback.csproj"])
            Assert.Equal("linux-x64;linux-arm64", RuntimeIdentifiers().Match(await File.ReadAllTextAsync(Repository.File(project))).Groups[1].Value);
        var locked = await File.ReadAllTextAsync(Repository.File("src/Bindwise.Cli/packages.release.lock.json"));
        Assert.Contains("\"net10.0/linux-x64\": {", locked, StringComparison.Ordinal);
        Assert.Contains("\"net10.0/linux-arm64\": {", locked, StringComparison.Ordinal);
    }

    // The own program is the one that tests start: what is built for another processor must not take its place.
    [PackedFact]
    public async Task Folders_OfAnotherProcessor_AreNotThisMachines() =>
        Assert.Equal("/-arm64 -x64/\n", await ShellAsync("""
            . eng/architecture.sh
            uname() { echo x86_64; }; use_architecture x64; printf "$suffix/"; use_architecture arm64; printf -- "$suffix "
            uname() { echo aarch64; }; use_architecture x64; printf -- "$suffix"; use_architecture arm64; echo "$suffix/"
            """));

    [PackedTheory]
    [InlineData("eng/publish --arch riscv64", "eng/publish: unknown processor: 'riscv64' (there are x64 and arm64)")]
    [InlineData("eng/publish --arch", "eng/publish: unknown processor: '' (there are x64 and arm64)")]
    [InlineData("eng/publish --release", "eng/publish: unknown argument: --release (there are --arch, --symbols, --if-changed and --is-current)")]
    [InlineData("eng/release --arch riscv64", "eng/release: unknown processor: 'riscv64' (there are x64, arm64 and all)")]
    [InlineData("eng/release --arch", "eng/release: --arch needs x64, arm64 or all")]
    [InlineData("eng/release --frobnicate", "eng/release: unknown option: --frobnicate (there is --arch)")]
    [InlineData("eng/release docs", "eng/release: docs is there, and is not an earlier release: name another folder")]
    [InlineData("eng/pack --arch arm64", "eng/pack: --arch takes 'all'")]
    [InlineData("eng/kernels --arch x64 6.12-16k", "eng/kernels: no kernel 6.12-16k for x64: there are 5.10, 6.1, 6.12, 7")]
    [InlineData("eng/kernels --arch arm64 6.12-64k", "eng/kernels: no kernel 6.12-64k for arm64: there are 5.10, 6.1, 6.12, 7, 6.12-16k, 7-16k")]
    public async Task Processor_ThatNothingIsBuiltFor_IsRefusedInOneLine(string command, string refusal) =>
        Assert.Equal($"{refusal}\nexit code 1\n", await ShellAsync($"{command} 2>&1 || echo exit code $?"));

    private static Task<string> ShellAsync(string script) => Tool.RunAsync(Repository.Root, "/bin/bash", "-c", script);

    [GeneratedRegex("<RuntimeIdentifiers>(.+)</RuntimeIdentifiers>")]
    private static partial Regex RuntimeIdentifiers();
}
