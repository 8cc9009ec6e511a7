using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Bindwise.Linux.Tests.Kernel;

namespace Bindwise.Linux.Tests.Native;

/// <summary>Every struct and number that crosses into the kernel is as the C compiler takes it from the kernel's headers, on both architectures.</summary>
public sealed class LayoutTests
{
    private const string Headers = """
        #define _GNU_SOURCE
        #include <stdio.h>
        #include <stddef.h>
        #include <sys/socket.h>
        #include <sys/time.h>
        #include <sys/un.h>
        #include <netdb.h>
        #include <netinet/in.h>
        #include <linux/netlink.h>
        #include <linux/rtnetlink.h>
        #include <linux/if_link.h>
        #include <linux/veth.h>
        #include <linux/amt.h>
        #include <linux/genetlink.h>
        #include <linux/wireguard.h>
        #include <linux/fou.h>
        #include <linux/l2tp.h>
        #include <linux/tipc_netlink.h>
        #include <linux/mptcp.h>
        #include <sys/syscall.h>
        #include <linux/bpf.h>
        #include <linux/inet_diag.h>
        #include <linux/unix_diag.h>
        #include <linux/tcp.h>
        #include <linux/stat.h>
        #include <linux/openat2.h>
        #include <fcntl.h>
        #include <poll.h>
        #include <signal.h>
        #include <spawn.h>
        #include <sys/epoll.h>
        #include <sys/file.h>
        #include <sys/inotify.h>
        #include <sys/ioctl.h>
        #include <sys/mman.h>
        #include <sys/prctl.h>
        #include <sys/resource.h>
        #include <sys/signalfd.h>
        #include <sys/wait.h>
        #include <time.h>
        #include <unistd.h>
        #include <errno.h>
        #include <linux/audit.h>
        #include <linux/capability.h>
        #include <linux/close_range.h>
        #include <linux/filter.h>
        #include <linux/if_packet.h>
        #include <linux/kcmp.h>
        #include <linux/landlock.h>
        #include <linux/net.h>
        #include <linux/nsfs.h>
        #include <linux/seccomp.h>
        #include <linux/sockios.h>
        #ifdef __aarch64__
        #define AUDIT_ARCH AUDIT_ARCH_AARCH64
        #define AUDIT_ARCH_SIBLING AUDIT_ARCH_ARM
        #else
        #define AUDIT_ARCH AUDIT_ARCH_X86_64
        #define AUDIT_ARCH_SIBLING AUDIT_ARCH_I386
        #endif
        // Newer than Debian 12's headers.
        #ifndef __NR_lsm_list_modules
        #define __NR_lsm_list_modules 461
        #endif

        """;

    [CompilerFact]
    public void Claims_HeldAgainstTheCompilerOfThisMachine_AreTrue()
    {
        var claims = LayoutClaims.On(RuntimeInformation.ProcessArchitecture);
        var source = new StringBuilder(Headers).Append("#include <stdio.h>\nint main(void) {\n");
        foreach (var (expression, _) in claims)
            source.AppendLine(CultureInfo.InvariantCulture, $"  printf(\"%s = %lld\\n\", \"{expression}\", (long long)({expression}));");

        InFolder(source.AppendLine("  return 0; }"), (file, folder) =>
        {
            var program = Path.Combine(folder, "layout");
            Run("gcc", file, "-o", program);
            Assert.Equal(claims.Select(static claim => $"{claim.Expression} = {claim.Value}"), Run(program).Split('\n', StringSplitOptions.RemoveEmptyEntries));
        });
    }

    /// <summary>Without a processor of that kind: the compiler alone decides.</summary>
    [CompilerTheory]
    [InlineData(Architecture.X64, "x86_64-linux-gnu", "/usr/include")]
    [InlineData(Architecture.Arm64, "aarch64-linux-gnu", CompilerTheoryAttribute.ForeignHeaders)]
    public void Claims_HeldAgainstTheCompilerOfAnArchitecture_AreTrue(Architecture architecture, string target, string headers)
    {
        var source = new StringBuilder(Headers);
        foreach (var (expression, value) in LayoutClaims.On(architecture))
            source.AppendLine(CultureInfo.InvariantCulture, $"_Static_assert((long long)({expression}) == {value}LL, \"{expression} = {value}\");");

        InFolder(source, (file, _) => Run("clang", $"--target={target}", "-nostdlibinc", "-isystem", headers, "-isystem", $"{headers}/{target}", "-fsyntax-only", file));
    }

    private static void InFolder(StringBuilder source, Action<string, string> work)
    {
        var folder = Directory.CreateTempSubdirectory("bindwise-layout");
        try
        {
            var file = Path.Combine(folder.FullName, "layout.c");
            File.WriteAllText(file, source.ToString());
            work(file, folder.FullName);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static string Run(string file, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(file, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, errors.Result);
        return output;
    }
}
