using System.Diagnostics;

namespace Bindwise.Model.Tests.Diagnosing.Commands;

/// <summary>Runs commands in a real shell, in which every tool that the diagnosis names only tells its arguments.</summary>
internal static class Shell
{
    private static readonly string[] Tools =
    [
        "sudo", "runuser", "sysctl", "setcap", "systemctl", "docker", "podman", "crictl", "kubectl", "lxc-stop", "machinectl", "supervisorctl", "pm2", "sv", "s6-svc", "rc-service", "kill", "rm", "mkdir", "ls",
        "bindwise", "ip", "ss", "grep", "umount", "journalctl", "nsenter", "lsof", "lsns", "findmnt", "tee", "tipc", "targetcli", "nvme", "sh", "modprobe", "rpc.nfsd", "nfsconf", "bpftool", "semanage", "ausearch", "systemd-run", "rdma", "wg", "netstat",
    ];

    /// <summary>The arguments of each tool that each line ran, the tool's name first.</summary>
    /// <param name="shell"><c>bash</c> or <c>sh</c>.</param>
    /// <param name="lines">The commands.</param>
    public static List<List<string[]>> Run(string shell, IReadOnlyList<string> lines)
    {
        var folder = Directory.CreateTempSubdirectory("commands");
        try
        {
            WriteTools(folder.FullName);
            var answers = Path.Combine(folder.FullName, "answers");
            // kill and echo are built in: a function goes before what is built in.
            var script = "kill() { command " + Path.Combine(folder.FullName, "kill") + " \"$@\"; }\nmark() { printf '0\\0' >> \"$OUT\"; }\n" + string.Concat(lines.Select(static line => line + "\nmark\n"));
            var start = new ProcessStartInfo(shell == "sh" ? "/bin/sh" : "/bin/bash", ["-c", script])
            {
                WorkingDirectory = folder.FullName,
                RedirectStandardError = true,
                RedirectStandardOutput = true,
                RedirectStandardInput = true,
            };
            start.Environment["PATH"] = folder.FullName;
            start.Environment["OUT"] = answers;
            using var process = Process.Start(start)!;
            process.StandardInput.Close();
            var said = process.StandardError.ReadToEndAsync();
            _ = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            Assert.Equal("", said.Result);
            Assert.Equal([.. Tools.Order(StringComparer.Ordinal), "answers"], Directory.GetFileSystemEntries(folder.FullName).Select(Path.GetFileName).OrderBy(static n => n == "answers").ThenBy(static n => n, StringComparer.Ordinal));
            return Read(File.ReadAllText(answers).Split('\0'));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>
    /// By a process of its own: what this one has open for writing while another test starts a program, that child has open until its own
    /// exec(), and until then nobody can execute it (ETXTBSY).
    /// </summary>
    private static void WriteTools(string folder)
    {
        var start = new ProcessStartInfo("/bin/sh", ["-c", "for tool in \"$@\"; do printf '%s' \"$TEXT\" > \"$tool\" && chmod 500 \"$tool\" || exit 1; done", "sh", .. Tools])
        {
            WorkingDirectory = folder,
        };
        start.Environment["TEXT"] = "#!/bin/sh\nprintf '%s\\0' \"$(($# + 1))\" \"${0##*/}\" \"$@\" >> \"$OUT\"\nwhile read -r _; do :; done\n";
        using var writer = Process.Start(start)!;
        writer.WaitForExit();
        Assert.Equal(0, writer.ExitCode);
    }

    private static List<List<string[]>> Read(string[] fields)
    {
        var all = new List<List<string[]>> { new() };
        for (var i = 0; i < fields.Length - 1; i++)
        {
            var count = int.Parse(fields[i], System.Globalization.CultureInfo.InvariantCulture);
            if (count == 0)
                all.Add([]);
            else
                all[^1].Add(fields[(i + 1)..(i + 1 + count)]);
            i += count;
        }
        all.RemoveAt(all.Count - 1);
        return all;
    }
}
