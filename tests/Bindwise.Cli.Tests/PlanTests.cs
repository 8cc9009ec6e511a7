using System.Text.Json;
using System.Text.RegularExpressions;
using Bindwise.Planning;

namespace Bindwise.Cli.Tests;

/// <summary><c>bindwise plan</c> as it is called: files, folders, faults, exit codes.</summary>
public sealed class PlanTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("bindwise-plan-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [LinuxFact]
    public void Folder_WithAConflict_Is1_AndWithout_Is0()
    {
        Write("compose.yaml", "services:\n  a:\n    ports: ['8080:80']\n  b:\n    ports: ['8080:81']\n");
        var run = Run("");
        Assert.Equal(1, run.ExitCode);
        Assert.StartsWith("1 port collides, among 2 entries in 1 file.\n  port  8080/tcp is wanted twice (BW004)\n          compose.yaml:3  service a: 8080:80 on 0.0.0.0\n          compose.yaml:5  service b: 8080:81 on 0.0.0.0\n", run.Output, StringComparison.Ordinal);
        Write("compose.yaml", "services:\n  a:\n    ports: ['8080:80']\n");
        run = Run("");
        Assert.Equal((0, "No ports collide, among 1 entry in 1 file.\n  read  compose.yaml (compose): 8080/tcp\n"), (run.ExitCode, run.Output));
    }

    [LinuxFact]
    public void DropInThatIsNamed_IsReadWithItsUnit()
    {
        Write("units/web.service", "[Service]\nEnvironment=PORT=3000\nExecStart=/usr/bin/puma -p ${PORT}\n");
        Write("units/web.service.d/port.conf", "[Service]\nEnvironment=PORT=4000\n");
        var run = Bindwise.Run("plan", Path.Combine(_folder, "units/web.service.d/port.conf"));
        Assert.Equal((0, ""), (run.ExitCode, run.Errors));
        Assert.Contains("web.service (systemd-service): 4000/tcp\n", run.Output, StringComparison.Ordinal);
    }

    [LinuxFact]
    public void Conflict_NamesAPortThatIsFreeInAllFilesAndOnThisHost()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        var held = ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
        var wanted = held - 1;
        Write("compose.yaml", $"services:\n  a:\n    ports: ['{wanted}:80']\n  b:\n    ports: ['{wanted}:81', '{held + 1}:82']\n  c:\n    ports: ['80:80']\n  d:\n    ports: ['80:80']\n");
        var plan = JsonDocument.Parse(Run("--json").Output).RootElement.GetProperty("conflicts").EnumerateArray().ToDictionary(static one => one.GetProperty("port").GetInt32(), static one => one.GetProperty("next"));
        // 80 is HTTP's own port: another one would not do.
        Assert.Equal(JsonValueKind.Null, plan[80].ValueKind);
        var next = plan[wanted].GetInt32();
        Assert.True(next > held + 1, $"{next} after {wanted}");
        // Another test may have taken that one since.
        var told = Regex.Match(Run("").Output, @"\n  next  Give one of them another port; (\d+) is free in all files and on this host\.\n");
        Assert.True(told.Success);
        next = int.Parse(told.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture);
        Assert.True(next > held + 1, $"{next} after {wanted}");
    }

    [LinuxFact]
    public void Conflict_OfRanges_NamesAsManyPortsAsTheLargerHas()
    {
        Write("compose.yaml", "services:\n  a:\n    ports: ['20000-20009:1-10']\n  b:\n    ports: ['20005-20007:1-3']\n");
        Write("nginx.conf", "events {}\nhttp {}\n");
        var plan = JsonDocument.Parse(Run("--json").Output).RootElement;
        var conflict = plan.GetProperty("conflicts").EnumerateArray().Single();
        var first = conflict.GetProperty("next").GetInt32();
        Assert.True(first > 20009, $"{first}");
        Assert.Equal(first + 9, conflict.GetProperty("lastNext").GetInt32());
        Assert.Matches(@"\n  next  Give one of them other ports; 20\d\d\d-20\d\d\d are free in all files and on this host\.\n", Run("").Output);
        Assert.Equal([null, "no listen of a server"], plan.GetProperty("files").EnumerateArray().Select(static file => file.GetProperty("whyNone").GetString()));
        Write("compose.yaml", "services:\n  a:\n    ports: ['20000:1']\n  b:\n    ports: ['20000:1']\n  c:\n    ports: ['20000:1']\n");
        Assert.Contains("\n  next  Give all but one of them another port; 20", Run("").Output, StringComparison.Ordinal);
    }

    // What was not read of it may name one.
    [LinuxFact]
    public void FileWithAFault_IsNotSaidToLackAPort()
    {
        Write("compose.yaml", "services:\n  a: [\n");
        Write("nginx.conf", "events {}\nhttp {}\n");
        Assert.Equal([null, "no listen of a server"], JsonDocument.Parse(Run("--json").Output).RootElement.GetProperty("files").EnumerateArray().Select(static file => file.GetProperty("whyNone").GetString()));
    }

    [LinuxFact]
    public void Files_SayWhatProgramsBind_AndWhyTheyNameNoPort()
    {
        Write("Procfile", "web: python3 -m http.server 8000\nother: gunicorn -b :8000 app\n");
        Write(".env", "NAME=x\n");
        Write("app/.env", "PORT=8000\n");
        var output = Run("").Output;
        Assert.Contains("http.server 8000 on 0.0.0.0\n", output, StringComparison.Ordinal);
        Assert.Contains("-b :8000 on 0.0.0.0\n", output, StringComparison.Ordinal);
        Assert.Contains("PORT=8000 on every address\n", output, StringComparison.Ordinal);
        Assert.DoesNotContain("[::]", output, StringComparison.Ordinal);
        Assert.Contains(" .env (env): no port of this host (it sets no PORT)\n", output, StringComparison.Ordinal);
    }

    // As Debian's nginx.conf has its includes.
    [LinuxTheory]
    [InlineData("nginx.conf")]
    [InlineData("")]
    public void Include_ByAnAbsolutePath_IsReadWhereItLiesInTheFolder(string named)
    {
        Write("nginx.conf", $"events {{}}\nhttp {{ include {_folder}/conf.d/*.conf; }}\n");
        Write("conf.d/a.conf", "server { listen 9090; }\n");
        Write("haproxy.cfg", "frontend f\n  bind :9090\n");
        var run = Run(named.Length == 0 ? "" : named + " haproxy.cfg");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("9090/tcp is wanted twice", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("leads out", run.Output, StringComparison.Ordinal);
    }

    /// <summary>Debian's packages link their load_module lines into modules-enabled/; a site that is linked from elsewhere may listen.</summary>
    [LinuxTheory]
    [InlineData("include modules-enabled/*.conf;\nhttp {\n  server { listen 8080; }\n}", 0, "nginx.conf:1  a.conf leads out of the folder and was not read")]
    [InlineData("http {\n  include modules-enabled/*.conf;\n  server { listen 8080; }\n}", 2, "modules-enabled/a.conf:1  cannot be read: it leads out of the folder")]
    public void IncludeOfALinkThatLeadsOut_OutsideOfEveryBlock_IsANote(string nginx, int code, string told)
    {
        Write("nginx.conf", nginx + "\n");
        Directory.CreateDirectory(Path.Combine(_folder, "modules-enabled"));
        File.CreateSymbolicLink(Path.Combine(_folder, "modules-enabled/a.conf"), "/etc/hostname");
        var run = Run("-v");
        Assert.Equal(code, run.ExitCode);
        Assert.Contains(told, run.Output, StringComparison.Ordinal);
        Assert.Contains("8080/tcp", run.Output, StringComparison.Ordinal);
    }

    [LinuxFact]
    public void Walk_LeavesOutWhatOthersWrote_AndLinksThatLeadOut()
    {
        const string compose = "services:\n  a:\n    ports: ['8080:80']\n";
        foreach (var path in (string[])["compose.yaml", "web/compose.yaml", "node_modules/x/compose.yaml", ".git/compose.yaml", ".hidden/compose.yaml", "bin/compose.yaml"])
            Write(path, compose);
        Write(".devcontainer/devcontainer.json", "{\"forwardPorts\": [1]}");
        Directory.CreateSymbolicLink(Path.Combine(_folder, "again"), ".");
        File.CreateSymbolicLink(Path.Combine(_folder, "Procfile"), "/etc/hostname");
        File.CreateSymbolicLink(Path.Combine(_folder, "nginx.conf"), "missing");
        File.CreateSymbolicLink(Path.Combine(_folder, "b.socket"), "b.socket");
        var files = JsonDocument.Parse(Run("--json").Output).RootElement.GetProperty("files").EnumerateArray().Select(static file => file.GetProperty("file").GetString());
        Assert.Equal([".devcontainer/devcontainer.json", "compose.yaml", "web/compose.yaml"], files);
        Assert.Contains("Procfile:1  cannot be read: it leads out of the folder", Run("").Output, StringComparison.Ordinal);
        Assert.Contains("b.socket:1  cannot be read: its symbolic links lead in a circle", Run("").Output, StringComparison.Ordinal);
    }

    [LinuxFact]
    public void Link_ToAFileThatIsFoundToo_IsNoSecondFile()
    {
        Write("units/web.service", "[Service]\nExecStart=/usr/bin/puma -p 3000\n");
        File.CreateSymbolicLink(Path.Combine(_folder, "units/alias.service"), "web.service");
        Write("sites-available/a.conf", "server { listen 8083; }\n");
        Write("sites-available/off.conf", "server { listen 3000; }\n");
        Directory.CreateDirectory(Path.Combine(_folder, "sites-enabled"));
        File.CreateSymbolicLink(Path.Combine(_folder, "sites-enabled/a.conf"), "../sites-available/a.conf");
        Assert.Equal((0, "No ports collide, among 2 entries in 2 files.\n  read  sites-enabled/a.conf (nginx): 8083/tcp\n        units/web.service (systemd-service): 3000/tcp\n"),
            (Run("").ExitCode, Run("").Output));
    }

    [LinuxFact]
    public void UnitThatIsMasked_IsEmpty_AndNoFault()
    {
        Write("web.service", "[Service]\nEnvironment=PORT=3000\n");
        Directory.CreateDirectory(Path.Combine(_folder, "web.service.d"));
        foreach (var path in (string[])["masked.socket", "web.service.d/a.conf"])
            File.CreateSymbolicLink(Path.Combine(_folder, path), "/dev/null");
        var run = Run("-v");
        Assert.Equal((0, ""), (run.ExitCode, run.Errors));
        Assert.Contains("masked.socket (systemd-socket): no port of this host (no ListenStream= or ListenDatagram= with a port)\n", run.Output, StringComparison.Ordinal);
        Assert.Contains("web.service (systemd-service): 3000/tcp\n", run.Output, StringComparison.Ordinal);
    }

    [LinuxFact]
    public void DropInWithAShortName_IsRead()
    {
        Write("web.service.d/a", "[Service]\nEnvironment=PORT=3000\n");
        Assert.Equal((0, "No ports collide, among 1 entry in 1 file.\n  read  web.service.d/a (systemd-service): 3000/tcp\n"), (Run("web.service.d/a").ExitCode, Run("web.service.d/a").Output));
    }

    /// <summary>A file from somebody else must not get others' lines into a log.</summary>
    [LinuxFact]
    public void FilesThatAFileNames_AreReadInTheFolderAlone()
    {
        var outside = Directory.CreateTempSubdirectory("bindwise-outside-").FullName;
        try
        {
            File.WriteAllText(Path.Combine(outside, "x.yaml"), "services:\n  s:\n    secret: 1\n    ports: ['1:1']\n");
            Directory.CreateSymbolicLink(Path.Combine(_folder, "link"), outside);
            Write("common/base.yaml", "services:\n  s:\n    ports: ['2:2']\n");
            Directory.CreateSymbolicLink(Path.Combine(_folder, "inner"), Path.Combine(_folder, "common"));
            Write("app/compose.yaml", $"include:\n  - {outside}/x.yaml\n  - ../link/x.yaml\n  - ../inner/base.yaml\n  - /proc/self/environ\nservices:\n  a:\n    extends: {{file: {outside}/x.yaml, service: s}}\n");
            var run = Run("-v app/compose.yaml");
            Assert.DoesNotContain("secret", run.Output, StringComparison.Ordinal);
            Assert.DoesNotContain("1/tcp", run.Output, StringComparison.Ordinal);
            Assert.Contains("inner/base.yaml (compose): 2/tcp", run.Output, StringComparison.Ordinal);
            Assert.Contains("link/x.yaml:1  cannot be read: it leads out of the folder", run.Output, StringComparison.Ordinal);
            Assert.Contains("/proc/self/environ:1  cannot be read: it leads out of the folder", run.Output, StringComparison.Ordinal);
            // Words, which no line's end parts.
            Assert.DoesNotContain("included", run.Output, StringComparison.Ordinal);
            Assert.DoesNotContain("extends", run.Output, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(outside, recursive: true);
        }
    }

    [LinuxTheory]
    [InlineData("missing.yaml", "cannot read missing.yaml: no such file or folder")]
    [InlineData("fifo", "cannot read fifo: it is not a regular file")]
    [InlineData("/dev/zero", "cannot read /dev/zero: it is not a regular file")]
    [InlineData("latin1.yaml", "cannot read latin1.yaml: it is not UTF-8")]
    [InlineData("large.yaml", "cannot read large.yaml: it is larger than 1024 KiB")]
    [InlineData("empty", "no file that names ports was found in empty; bindwise plan --help says what is read")]
    [InlineData("words.txt", "words.txt:1: the format of this file was not recognized: name it with --as (compose, systemd-socket, systemd-service, procfile, package-json, env, launch-settings, app-settings, nginx, haproxy, kubernetes, devcontainer)")]
    public void File_ThatCannotBeRead_IsOneLine_And2(string path, string error)
    {
        Write("words.txt", "words\n");
        File.WriteAllBytes(Path.Combine(_folder, "latin1.yaml"), [0x61, 0xe9, 0x0a]);
        File.WriteAllBytes(Path.Combine(_folder, "large.yaml"), new byte[1024 * 1024 + 1]);
        Directory.CreateDirectory(Path.Combine(_folder, "empty"));
        Assert.Equal(0, Bindwise.RunShell("mkfifo \"$F/fifo\"", new() { ["F"] = _folder }).ExitCode);
        var run = Run(path);
        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.Equal("bindwise: " + error, run.Errors.Split('\n')[0]);
    }

    [LinuxTheory]
    [InlineData("plan -", "- needs --as FORMAT, since standard input has no name")]
    [InlineData("plan --as nginx - x", "- stands alone: give files, or standard input")]
    [InlineData("plan --as yaml", "--as yaml is not a known format: give compose, systemd-socket, systemd-service, procfile, package-json, env, launch-settings, app-settings, nginx, haproxy, kubernetes or devcontainer")]
    [InlineData("plan --json --sarif", "--json and --sarif exclude each other: give one of them")]
    [InlineData("plan -q -v", "--quiet and --verbose exclude each other: give one of them")]
    [InlineData("plan --here --jsn", "unknown option --jsn; did you mean --json?")]
    [InlineData("plan --profile", "--profile needs a value: --profile NAMES")]
    public void WrongLine_SaysWhatIsRight(string line, string error)
    {
        var run = Bindwise.Run(line.Split(' '));
        Assert.Equal((2, "", $"bindwise: {error} (see: bindwise plan --help)"), (run.ExitCode, run.Output, run.OneError));
    }

    [LinuxFact]
    public void BrokenFile_IsAWarning_And2_BesideOthersAndAlone()
    {
        Write("compose.yaml", "services: [\n");
        Assert.Equal(2, Run("").ExitCode);
        Write("Procfile", "web: puma -p 3000\n");
        var run = Run("");
        Assert.Equal((2, "not every file could be read as a whole: the ports that the rest names were not compared"), (run.ExitCode, run.OneError["bindwise: ".Length..]));
        Assert.Contains("warn  compose.yaml:", run.Output, StringComparison.Ordinal);
        Write("Procfile", "web: puma -p 3000\nother: puma -p 3000\n");
        Assert.Equal(2, Run("").ExitCode);
    }

    /// <summary>A script that reads 0 may take it that every port of its files was compared.</summary>
    [LinuxTheory]
    [InlineData("compose.yaml other.yaml", "not every file could be read as a whole: the ports that the rest names were not compared")]
    [InlineData("compose.yaml include.yaml", "not every file could be read as a whole: the ports that the rest names were not compared")]
    [InlineData("compose.yaml extends.yaml", "not every file could be read as a whole: the ports that the rest names were not compared")]
    [InlineData("compose.yaml words.txt", "not every file could be read as a whole: the ports that the rest names were not compared")]
    [InlineData("compose.yaml chart.yaml", "not every file could be read as a whole: the ports that the rest names were not compared")]
    [InlineData("empty.yaml", "nothing that was read names a port: there was nothing to compare")]
    [InlineData("--as nginx compose.yaml", "not every file could be read as a whole: the ports that the rest names were not compared")]
    [InlineData("--as env compose.yaml", "nothing that was read names a port: there was nothing to compare")]
    [InlineData("--profile dve compose.yaml", "no file has a profile dve; profiles there: dev, none")]
    [InlineData("--profile dev,dve compose.yaml", "no file has a profile dve; profiles there: dev, none")]
    [InlineData("--profile dev,none compose.yaml", null)]
    [InlineData("--profile * compose.yaml", null)]
    [InlineData("--profile dev empty.yaml compose.yaml", null)]
    public void WhatWasNotCompared_Is2_AndSaidOnStandardError(string words, string? error)
    {
        Write("compose.yaml", "services:\n  a:\n    ports: ['8080:80']\n  b:\n    profiles: [dev]\n    ports: ['8081:80']\n  c:\n    profiles: [none]\n");
        Write("empty.yaml", "services:\n  x:\n    image: x\n");
        Write("other.yaml", "services: [\n");
        Write("include.yaml", "include: [missing.yaml]\nservices: {}\n");
        Write("extends.yaml", "services:\n  e:\n    extends: {file: missing.yaml, service: x}\n");
        Write("words.txt", "words\n");
        Write("chart.yaml", "apiVersion: v1\nkind: Service\nspec: {type: NodePort, ports: [{port: 80, nodePort: {{ .Values.port }}}]}\n");
        var run = Run(words.Replace("*", "'*'", StringComparison.Ordinal));
        Assert.Equal((error is null ? 0 : 2, error is null ? "" : $"bindwise: {error}\n"), (run.ExitCode, run.Errors));
        Assert.StartsWith("No ports collide", run.Output, StringComparison.Ordinal);
    }

    [LinuxFact]
    public void MoreThanIsCompared_Is2()
    {
        foreach (var at in Enumerable.Range(0, 160))
            Write($"a{at}/package.json", "{\"scripts\": {\"dev\": \"vite --port 3000\"}}");
        var run = Run("");
        Assert.Equal((2, "bindwise: more entries want one port than are compared: name the files or folders that matter\n"), (run.ExitCode, run.Errors));
        Assert.Contains(" and 140 others ask for 3000/tcp: ", run.Output, StringComparison.Ordinal);
    }

    [LinuxFact]
    public void StandardInput_IsRead_AndSarifIsWritten()
    {
        var run = Bindwise.RunShell("printf 'frontend a\\n bind :80\\nlisten b\\n bind 127.0.0.1:80\\nglobal\\n noreuseport\\n' | \"$B\" plan --as haproxy --sarif -", new() { ["B"] = Bindwise.Path });
        Assert.Equal(1, run.ExitCode);
        Assert.Equal("2.1.0", JsonDocument.Parse(run.Output).RootElement.GetProperty("version").GetString());
    }

    [LinuxFact]
    public void StandardInput_OfCompose_HasTheVariablesOfTheFolder()
    {
        Write(".env", "A=8080\n");
        var run = Bindwise.RunShell("cd \"$F\" && echo 'services: {a: {ports: [\"${A}:80\"]}}' | \"$B\" plan --as compose -", new() { ["F"] = _folder, ["B"] = Bindwise.Path });
        Assert.Equal((0, "No ports collide, among 1 entry in 1 file.\n  read  (standard input) (compose): 8080/tcp\n"), (run.ExitCode, run.Output));
    }

    [LinuxFact]
    public void StandardInput_IsDecodedAsAFileIs()
    {
        var variables = new Dictionary<string, string> { ["B"] = Bindwise.Path };
        var run = Bindwise.RunShell("printf '\\357\\273\\277{\"Urls\": \"http://*:8080\"}' | \"$B\" plan --as app-settings -", variables);
        Assert.Equal((0, "No ports collide, among 1 entry in 1 file.\n  read  (standard input) (app-settings): 8080/tcp\n"), (run.ExitCode, run.Output));
        run = Bindwise.RunShell("printf 'A=\\351\\n' | \"$B\" plan --as env -", variables);
        Assert.Equal((2, "", "bindwise: cannot read standard input: it is not UTF-8"), (run.ExitCode, run.Output, run.Errors.Split('\n')[0]));
    }

    [LinuxFact]
    public void HostileNames_AreEscaped()
    {
        Write("a\u001b[31m\u202eb/compose.yaml", "services:\n  \"x\\e[1m\":\n    ports: ['8080:80', '8080:81']\n");
        var run = Run("");
        Assert.Equal(1, run.ExitCode);
        Assert.DoesNotContain('\u001b', run.Output);
        Assert.DoesNotContain('\u202e', run.Output);
        Assert.DoesNotContain('\u001b', Run("--json").Output);
        Assert.DoesNotContain('\u001b', Run("--sarif").Output);
    }

    [LinuxFact]
    public void Formats_OfTheCommandLine_AreThoseOfTheReaders() =>
        Assert.Equal(PlanFormats.All.AsEnumerable(), Cli.Verbs.PlanCommand.FormatIds);

    private void Write(string path, string text)
    {
        var whole = Path.Combine(_folder, path);
        Directory.CreateDirectory(Path.GetDirectoryName(whole)!);
        File.WriteAllText(whole, text);
    }

    private Run Run(string words) => Bindwise.RunShell($"cd \"$F\" && \"$B\" plan {words}", new() { ["F"] = _folder, ["B"] = Bindwise.Path });
}
