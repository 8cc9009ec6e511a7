using System.Text;
using Bindwise.Model.Scenarios;
using Bindwise.Model.Scenarios.Json;
using FsCheck;
using FsCheck.Fluent;

namespace Bindwise.Model.Tests.Scenarios;

[Trait("Seed", "any")]
public class ScenarioJsonTests
{
    private const string Whole =
        """{"name":"all","platform":"linux","steps":[{"op":"open","socket":"a","protocol":"tcp","family":"ipv6"},{"op":"set","socket":"a","option":"SO_REUSEADDR","value":1},{"op":"bind","socket":"a","address":"::","port":8000},{"op":"listen","socket":"a"},{"op":"connect","socket":"c","address":"127.0.0.1","port":8000},{"op":"accept","socket":"a","as":"s"},{"op":"send","socket":"c","bytes":100},{"op":"receive","socket":"s","bytes":100},{"op":"shutdown","socket":"c","how":"write"},{"op":"close","socket":"s"},{"op":"abort","socket":"s"},{"op":"wait","seconds":66},{"op":"sysctl","name":"net.ipv4.tcp_tw_reuse","value":"0"},{"op":"expect","result":"EADDRINUSE"}]}""";

    [Fact]
    public void Write_WhatWasParsed_IsTheSameText() => Assert.Equal(Whole, ScenarioJson.Write(ScenarioJson.Parse(Whole).Scenario!));

    [Fact]
    public void Parse_WhatWasWritten_IsTheSameScenario() =>
        Prop.ForAll(AnyScenario.Arbitrary, scenario => ScenarioJson.Parse(ScenarioJson.Write(scenario)).Scenario!.Equals(scenario))
            .Check(Seed.Config.WithMaxTest(500));

    [Theory]
    [InlineData("""{"op":"open","socket":"a"}""", """{"op":"open","socket":"a","protocol":"tcp","family":"ipv4"}""")]
    [InlineData("""{"op":"open","socket":"a","user":null,"device":null,"family":null}""", """{"op":"open","socket":"a","protocol":"tcp","family":"ipv4"}""")]
    [InlineData("""{"family":"ipv6","socket":"a","protocol":"udp","op":"open"}""", """{"op":"open","socket":"a","protocol":"udp","family":"ipv6"}""")]
    [InlineData("""{"op":"open","socket":"a","user":1000,"device":"v0"}""", """{"op":"open","socket":"a","protocol":"tcp","family":"ipv4","user":1000,"device":"v0"}""")]
    [InlineData("""{"op":"set","socket":"a","option":"SO_REUSEADDR","value":true}""", """{"op":"set","socket":"a","option":"SO_REUSEADDR","value":1}""")]
    [InlineData("""{"op":"set","socket":"a","option":"IP_LOCAL_PORT_RANGE","value":"40000-40010"}""", null)]
    [InlineData("""{"op":"set","socket":"a","option":"SO_BINDTODEVICE","value":""}""", null)]
    [InlineData("""{"op":"set","socket":"a","option":"SO_LINGER","value":-1}""", null)]
    [InlineData("""{"op":"bind","socket":"a","address":"fe80::1%v0","port":1}""", """{"op":"bind","socket":"a","address":"fe80::1","port":1,"scope":"v0"}""")]
    [InlineData("""{"op":"bind","socket":"a","address":"::ffff:127.0.0.1","port":65535}""", null)]
    [InlineData("""{"op":"connect","socket":"a","to":"b"}""", null)]
    [InlineData("""{"op":"send","socket":"a","bytes":32768,"address":"127.0.0.1","port":53}""", null)]
    [InlineData("""{"op":"wait","seconds":1.50}""", """{"op":"wait","seconds":1.5}""")]
    [InlineData("""{"op":"wait","seconds":6.6e1}""", """{"op":"wait","seconds":66}""")]
    [InlineData("""{"op":"sysctl","name":"net.ipv4.tcp_tw_reuse","value":0}""", """{"op":"sysctl","name":"net.ipv4.tcp_tw_reuse","value":"0"}""")]
    [InlineData("""{"op":"sysctl","name":"net.ipv4.ip_local_port_range","value":"40000 40010"}""", null)]
    [InlineData("""{"\u006fp":"close","socket":"a"}""", """{"op":"close","socket":"a"}""")]
    [InlineData("""{"op":"close","socket":"two words \ud83c\udf89"}""", """{"op":"close","socket":"two words \uD83C\uDF89"}""")]
    public void Parse_Step_IsUnderstood(string step, string? written)
    {
        var parse = ScenarioJson.Parse(Document(step));
        Assert.Null(parse.Fault);
        Assert.Equal("""{"name":"","platform":"linux","steps":[""" + (written ?? step) + "]}", ScenarioJson.Write(parse.Scenario!));
    }

    [Theory]
    [InlineData("""{"op":"expect","result":"EADDRINUSE","rule":"BW004","by":"a","steps":1}""", """{"op":"expect","result":"EADDRINUSE","rule":"BW004","by":"a"}""")]
    [InlineData("""{"op":"expect","result":"ENOTSUP"}""", """{"op":"expect","result":"EOPNOTSUPP"}""")]
    public void Parse_Expectation_IsUnderstood(string step, string written) =>
        Assert.Contains(written, ScenarioJson.Write(ScenarioJson.Parse(Document("""{"op":"close","socket":"a"},""" + step)).Scenario!), StringComparison.Ordinal);

    [Theory]
    [InlineData("""{"op":"opn","socket":"a"}""", "opn", "op \"opn\" is not known; did you mean open?")]
    [InlineData("""{"op":"frobnicate"}""", "frobnicate", "op \"frobnicate\" is not known; known are open, set, bind,")]
    [InlineData("""{"op":1}""", "1", "op cannot be 1")]
    [InlineData("""{}""", "{", "the step has no op; known are open, ")]
    [InlineData("""{"op":"open"}""", "{", "open has no socket; write {\"op\":\"open\"")]
    [InlineData("""{"op":"open","socket":null}""", "{", "open has no socket")]
    [InlineData("""{"op":"open","socket":1}""", "1", "socket must be a string, not 1")]
    [InlineData("""{"op":"open","socket":["a"]}""", "[", "socket cannot be a list")]
    [InlineData("""{"op":"open","socket":""}""", "", "a socket's name cannot be empty")]
    [InlineData("""{"op":"open","socket":"a\u0007"}""", """a\u0007""", "holds a character that cannot be seen")]
    [InlineData("""{"op":"open","socket":"\ud800"}""", """\ud800""", "half of a surrogate pair")]
    [InlineData("""{"op":"open","socket":"a","socket":"b"}""", "socket", "the step has socket twice")]
    [InlineData("""{"op":"open","socket":"a","protocol":"sctp"}""", "sctp", "protocol \"sctp\" is not known; known are tcp, udp")]
    [InlineData("""{"op":"open","socket":"a","family":"ipv5"}""", "ipv5", "family \"ipv5\" is not known; did you mean ipv4?")]
    [InlineData("""{"op":"open","socket":"a","user":-1}""", "-1", "user -1 is not a user id; give a number from 0 to 4294967294")]
    [InlineData("""{"op":"open","socket":"a","user":4294967295}""", "4294967295", "user 4294967295 is not a user id")]
    [InlineData("""{"op":"open","socket":"a","device":"a-name-too-long-by-far"}""", "a-name-too-long-by-far", "more than 15 bytes")]
    [InlineData("""{"op":"open","socket":"a","sockt":"b"}""", "sockt", "no step has a field \"sockt\"; did you mean socket?")]
    [InlineData("""{"op":"close","socket":"a","port":1}""", "1", "close takes no port; it takes socket")]
    [InlineData("""{"op":"listen","socket":"a","backlog":5}""", "5", "listen takes no backlog; it is always 128, leave it out")]
    [InlineData("""{"op":"set","socket":"a","option":"SO_REUSADDR","value":1}""", "SO_REUSADDR", "option \"SO_REUSADDR\" is not known; did you mean SO_REUSEADDR?")]
    [InlineData("""{"op":"set","socket":"a","option":"SO_REUSEADDR"}""", "{", "set has no value")]
    [InlineData("""{"op":"set","socket":"a","option":"SO_REUSEADDR","value":"on"}""", "on", "SO_REUSEADDR does not take \"on\"; give 1 for on or 0 for off")]
    [InlineData("""{"op":"set","socket":"a","option":"SO_REUSEADDR","value":1.5}""", "1.5", "SO_REUSEADDR does not take 1.5")]
    [InlineData("""{"op":"set","socket":"a","option":"SO_BINDTODEVICE","value":1}""", "1", "SO_BINDTODEVICE does not take 1; give an interface's name")]
    [InlineData("""{"op":"set","socket":"a","option":"SO_LINGER","value":true}""", "true", "SO_LINGER does not take true; give seconds")]
    [InlineData("""{"op":"set","socket":"a","option":"IP_LOCAL_PORT_RANGE","value":"1-70000"}""", "1-70000", "IP_LOCAL_PORT_RANGE does not take \"1-70000\"")]
    [InlineData("""{"op":"bind","socket":"a","address":"127.0.0.1"}""", "{", "bind has no port")]
    [InlineData("""{"op":"bind","socket":"a","address":"127.0.0.1","port":70000}""", "70000", "port 70000 is out of range; give a whole number from 0 to 65535")]
    [InlineData("""{"op":"bind","socket":"a","address":"127.0.0.1","port":1e400}""", "1e400", "port is out of range: 1e400")]
    [InlineData("""{"op":"bind","socket":"a","address":"127.0.0.1","port":80.5}""", "80.5", "port 80.5 is out of range")]
    [InlineData("""{"op":"bind","socket":"a","address":"127.0.0.1","port":"80"}""", "80", "port must be a number, not \"80\"")]
    [InlineData("""{"op":"bind","socket":"a","address":"localhost","port":80}""", "localhost", "names are not looked up; write 127.0.0.1 or ::1")]
    [InlineData("""{"op":"bind","socket":"a","address":"127.0.0","port":80}""", "127.0.0", "\"127.0.0\" is not an IPv4 or IPv6 address")]
    [InlineData("""{"op":"bind","socket":"a","address":"::1/64","port":80}""", "::1/64", "is not an IPv4 or IPv6 address")]
    [InlineData("""{"op":"bind","socket":"a","address":"127.0.0.1%lo","port":80}""", "127.0.0.1%lo", "has a scope, which only an IPv6 address can have; write 127.0.0.1")]
    [InlineData("""{"op":"bind","socket":"a","address":"127.0.0.1","port":80,"scope":"lo"}""", "lo", "an IPv4 address has no scope")]
    [InlineData("""{"op":"bind","socket":"a","address":"fe80::1%lo","port":80,"scope":"lo"}""", "lo", "the scope is given twice")]
    [InlineData("""{"op":"connect","socket":"a"}""", "connect", "connect goes to an address and port, or to a socket (to); it has no address")]
    [InlineData("""{"op":"connect","socket":"a","address":"::1"}""", "connect", "connect goes to an address and port, or to a socket (to); it has no port")]
    [InlineData("""{"op":"connect","socket":"a","to":"b","port":1}""", "b", "not to both")]
    [InlineData("""{"op":"connect","socket":"a","address":"fe80::1%v0","port":1}""", "fe80::1%v0", "only bind takes a scope; write fe80::1")]
    [InlineData("""{"op":"accept","socket":"a"}""", "{", "accept has no as")]
    [InlineData("""{"op":"send","socket":"a","bytes":-1}""", "-1", "-1 bytes are out of range")]
    [InlineData("""{"op":"send","socket":"a","bytes":32769}""", "32769", "32769 bytes are out of range; give a whole number from 0 to 32768")]
    [InlineData("""{"op":"send","socket":"a","bytes":1,"port":1}""", "send", "an address and a port go together; send has no address")]
    [InlineData("""{"op":"receive","socket":"a","bytes":0}""", "0", "0 bytes are out of range")]
    [InlineData("""{"op":"shutdown","socket":"a","how":"wr"}""", "wr", "how \"wr\" is not known; known are read, write, both")]
    [InlineData("""{"op":"wait","seconds":-1}""", "-1", "a wait of -1 s is out of range; give 0 to 86400 seconds")]
    [InlineData("""{"op":"wait","seconds":0.0001}""", "0.0001", "finer than a millisecond")]
    [InlineData("""{"op":"wait","seconds":"66"}""", "66", "seconds must be a number, not \"66\"")]
    [InlineData("""{"op":"sysctl","name":"net.ipv4.tcp_tw_resue","value":"0"}""", "net.ipv4.tcp_tw_resue", "no sysctl \"net.ipv4.tcp_tw_resue\"; did you mean net.ipv4.tcp_tw_reuse?")]
    [InlineData("""{"op":"sysctl","name":"net/ipv4/tcp_tw_reuse","value":"0"}""", "net/ipv4/tcp_tw_reuse", "did you mean net.ipv4.tcp_tw_reuse?")]
    [InlineData("""{"op":"sysctl","name":"net.ipv4.tcp_tw_reuse","value":"0\u0007"}""", """0\u0007""", "holds characters that no sysctl takes")]
    [InlineData("""{"op":"expect","result":"ok"}""", "{", "an expectation needs a step before it")]
    [InlineData("""{"op":"expect","result":"EADDRINUS"}""", "EADDRINUS", "\"EADDRINUS\" is not a result; did you mean EADDRINUSE?")]
    [InlineData("""{"op":"expect","result":"ok","rule":"4"}""", "4", "\"4\" is not a rule id; write one such as BW004")]
    [InlineData("""{"op":"retry","every":1,"for":2}""", "{", "retry has no attempt; write {")]
    [InlineData("""{"op":"retry","attempt":5,"every":1,"for":2}""", "5", "attempt must be a step, not 5")]
    [InlineData("""{"op":"retry","attempt":[],"every":1,"for":2}""", "[", "attempt cannot be a list")]
    [InlineData("""{"op":"retry","attempt":{"op":"close","socket":"a"},"every":1,"for":2}""", "{\"op\":\"close", "retry tries bind, listen or connect, not close")]
    [InlineData("""{"op":"retry","attempt":{"op":"bind","socket":"a"},"every":1,"for":2}""", "{\"op\":\"bind", "bind has no address")]
    [InlineData("""{"op":"retry","attempt":{"op":"retry","attempt":{}},"every":1,"for":2}""", "{}", "retry tries bind, listen or connect, not retry")]
    [InlineData("""{"op":"retry","attempt":{"op":"listen","socket":"a"},"attempt":{"op":"listen","socket":"a"},"every":1,"for":2}""", "attempt", "the step has attempt twice")]
    [InlineData("""{"op":"close","socket":"a","attempt":{"op":"listen","socket":"a"}}""", "{\"op\":\"listen", "close takes no attempt")]
    [InlineData("""{"op":"retry","attempt":{"op":"listen","socket":"a"},"every":2,"for":1}""", "1", "lasts at least as long")]
    [InlineData("""{"op":"signal","process":"p","signal":"HUP"}""", "HUP", "signal \"HUP\" is not known")]
    [InlineData("""{"op":"stream","socket":"a","to":"b","bytes":1e12}""", "1e12", "out of range")]
    [InlineData("""{"op":"expect","result":"ok","claimed":"yes"}""", "yes", "\"yes\" is not a result")]
    [InlineData("""{"\ud800":1}""", """\ud800""", "half of a surrogate pair")]
    [InlineData("""["open"]""", "[", "a step is an object, not a list")]
    public void Parse_FaultyStep_SaysWhereWhatAndWhatNext(string step, string at, string what)
    {
        var fault = Assert.Single(ScenarioJson.Parse(Document(step), line: 7).Faults);
        Assert.Contains(what, fault.What, StringComparison.Ordinal);
        Assert.StartsWith(at, Document(step)[(fault.Column - 1)..].TrimStart('"'), StringComparison.Ordinal);
        Assert.Equal((7, 0), (fault.Line, fault.Step!.Value));
        Assert.StartsWith($"file:7:{fault.Column}: step 0: ", fault.At("file"), StringComparison.Ordinal);
        Assert.DoesNotContain('\n', fault.At("file"));
    }

    [Theory]
    [InlineData("", 1, "the document is cut off")]
    [InlineData("[]", 1, "a scenario is an object, not a list")]
    [InlineData("{}", 2, "the scenario has no steps")]
    [InlineData("""{"steps":{}}""", 10, "steps must be a list, not an object")]
    [InlineData("""{"steps":[],"steps":[]}""", 13, "the scenario has steps twice")]
    [InlineData("""{"step":[]}""", 2, "a scenario has no field \"step\"; did you mean steps?")]
    [InlineData("""{"name":1,"steps":[]}""", 9, "name must be a string, not 1")]
    [InlineData("""{"platform":"freebsd","steps":[]}""", 13, "the platform \"freebsd\" cannot be played; linux can")]
    [InlineData("""{"steps":[]} x""", 14, "this is not JSON")]
    [InlineData("""{"steps":[],}""", 13, "this is not JSON")]
    [InlineData("""{"steps":[{"op":"close","socket":"a"}""", 38, "the document is cut off")]
    [InlineData("close a", 1, "this is not JSON")]
    public void Parse_FaultyDocument_SaysWhereWhatAndWhatNext(string document, int column, string what)
    {
        var fault = Assert.Single(ScenarioJson.Parse(document).Faults);
        Assert.Contains(what, fault.What, StringComparison.Ordinal);
        Assert.Equal(column, fault.Column);
    }

    [Fact]
    public void Parse_FaultInALaterStep_NamesTheStep() =>
        Assert.Equal(1, ScenarioJson.Parse(Document("""{"op":"close","socket":"a"},{"op":"close"}""")).Fault!.Step);

    [Theory]
    [InlineData("""{"name":"n","steps":[{"op":"x"}]}""", "n")]
    [InlineData("""{"steps":[{"op":"x","name":"inner"}],"name":"n"}""", "n")]
    [InlineData("""{"steps":[{"op":"x"}]}""", "")]
    [InlineData("""{"name":"n","steps":[""", "n")]
    [InlineData("""{"name":"\ud800","steps":[""", "")]
    public void Parse_FaultyDocument_KeepsItsName(string document, string name) => Assert.Equal(name, ScenarioJson.Parse(document).Name);

    [Fact]
    public void Parse_TooManySteps_NamesTheFirstTooMany()
    {
        var steps = string.Join(',', Enumerable.Repeat("""{"op":"close","socket":"a"}""", Scenario.MaximumSteps + 1));
        var fault = ScenarioJson.Parse(Document(steps)).Fault!;
        Assert.Equal((Scenario.MaximumSteps, "a scenario has at most 10000 steps; split it"), (fault.Step!.Value, fault.What));
    }

    [Fact]
    public void Parse_SendsBeyondTheLimit_NamesTheStep()
    {
        var fault = ScenarioJson.Parse(Document("""{"op":"send","socket":"a","bytes":32000},{"op":"send","socket":"a","bytes":769}""")).Fault!;
        Assert.Equal(1, fault.Step);
        Assert.Contains("at most 32768 bytes", fault.What, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_ExpectationOverAnother_IsRefused() => Assert.Contains("there is 1",
        ScenarioJson.Parse(Document("""{"op":"close","socket":"a"},{"op":"expect","result":"ok"},{"op":"close","socket":"a"},{"op":"expect","result":"ok","steps":2}""")).Fault!.What, StringComparison.Ordinal);

    [Fact]
    public void Parse_TooManyOpenSockets_IsRefused()
    {
        var opens = string.Join(',', Enumerable.Range(0, ScenarioLimits.OpenSockets + 1).Select(i => $$"""{"op":"open","socket":"s{{i}}"}"""));
        Assert.Contains("may be open at once", ScenarioJson.Parse(Document(opens)).Fault!.What, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_DeepNesting_IsRefused() => Assert.NotNull(ScenarioJson.Parse(Document(new string('[', 100_000))).Fault);

    [Fact]
    public void Parse_NoUtf8_IsRefused() => Assert.Contains("not UTF-8", ScenarioJson.Parse([0x7b, 0xff, 0x7d]).Fault!.What, StringComparison.Ordinal);

    [Fact]
    public void Parse_ByteOrderMark_IsPassedOver() => Assert.True(ScenarioJson.Parse("\uFEFF{\"steps\":[]}").IsSuccess);

    [Fact]
    public void Parse_AnyBytes_GivesAScenarioOrOneLine() => Prop.ForAll<byte[]>(bytes => IsAnswer(ScenarioJson.Parse(bytes))).Holds();

    [Fact]
    [Trait("Lane", "second")]
    public void Parse_AnyPiecesAsAStep_GivesAScenarioOrOneLine()
    {
        string[] keys = ["op", "socket", "port", "value", "option", "address", "seconds", "bytes", "result", "steps", "user", "to", "\\u006fp", "o\\ud800", "\\ud800", "x\\u0000", ""];
        string[] values =
        [
            .. JsonStepForm.Ops.Select(op => $"\"{op}\""), "\"SO_LINGER\"", "\"IP_LOCAL_PORT_RANGE\"", "\"\\ud800\"", "\"\\u0000\"", "\"\\u202e\"", "\"a\"", "\"::1%\"", "\"fe80::1%v0\"", "\"-\"", "\"\"",
            "0", "-1", "1e400", "-1e400", "1e-400", "0.1", "4294967295", "9223372036854775808", "79228162514264337593543950336", "true", "null", "[]", "{}", "[[", "",
        ];
        var field = from key in Gen.Elements(keys) from value in Gen.Elements(values) select $"\"{key}\":{value}";
        var step = field.ListOf().Select(fields => "{" + string.Join(',', fields) + "}");
        Prop.ForAll(step.ListOf().Select(steps => Document(string.Join(',', steps))).ToArbitrary(), document => IsAnswer(ScenarioJson.Parse(document)))
            .Check(Seed.Config.WithMaxTest(20_000).WithEndSize(8));
    }

    [Fact]
    public void Parse_CutOffAnywhere_SaysSo()
    {
        for (var length = 0; length < Whole.Length; length++)
            Assert.Contains("cut off", ScenarioJson.Parse(Whole[..length]).Fault!.What, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Lane", "second")]
    public void Parse_BytesChangedAnywhere_GivesAScenarioOrOneLine() =>
        Prop.ForAll(AnyScenario.Arbitrary, Gen.Choose(0, 1_000_000).ToArbitrary(), Gen.Choose(0, 255).ToArbitrary(), (scenario, place, value) =>
        {
            var bytes = Encoding.UTF8.GetBytes(ScenarioJson.Write(scenario));
            bytes[place % bytes.Length] = (byte)value;
            return IsAnswer(ScenarioJson.Parse(bytes));
        }).Check(Seed.Config.WithMaxTest(2_000));

    [Fact]
    public void Write_ScenarioThatIsNotValid_IsRefused() =>
        Assert.Throws<ArgumentException>(() => ScenarioJson.Write(new Scenario("", [new ExpectStep("ok")])));

    private static bool IsAnswer(ScenarioParse parse) =>
        parse.IsSuccess ? ScenarioRules.FaultOf(parse.Scenario!) is null : parse.Fault is { What.Length: > 0, Line: > 0 } fault && !fault.ToString().Any(char.IsControl);

    private static string Document(string steps) => """{"steps":[""" + steps + "]}";
}
