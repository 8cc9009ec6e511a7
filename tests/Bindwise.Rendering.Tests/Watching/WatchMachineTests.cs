using System.Text;
using Bindwise.Model.Events;
using Bindwise.Model.Text;
using Bindwise.Rendering.Watching;
using FsCheck;
using FsCheck.Fluent;

namespace Bindwise.Rendering.Tests.Watching;

/// <summary>The screen of <c>watch</c> as a machine, and its frames.</summary>
[Trait("Seed", "any")]
public sealed class WatchMachineTests
{
    // Whatever the help says can be scrolled to and read, down to the narrowest screen that other views have.
    [Theory]
    [InlineData(80, 24)]
    [InlineData(40, 12)]
    [InlineData(24, 8)]
    public void Help_IsReadWholeOnSmallScreens(int columns, int lines)
    {
        var state = Watched.State(3, columns, lines, Watched.Keys("?"));
        var seen = new List<string>();
        for (var page = 0; page < 40; page++)
        {
            var screen = Watched.Text(state).Split('\n');
            if (columns < 80)
                Assert.Matches("keys  .*[0-9]+.*[0-9]+", screen[0]);
            Assert.All(screen[1..^2], static line => Assert.DoesNotContain('…', line));
            seen.AddRange(screen[1..^2]);
            state = Watched.After(state, Watched.Keys("PageDown"));
        }
        var text = System.Text.RegularExpressions.Regex.Replace(string.Join(' ', seen), " +", " ");
        foreach (var word in new[] { "ports, states, TIME_WAIT", "then ask (y)", "sort by the next column", "redraw the screen" })
            Assert.Contains(word, text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "8000")]
    [InlineData("Down", "8001")]
    [InlineData("j j k", "8001")]
    [InlineData("Up", "8000")]
    [InlineData("End", "8099")]
    [InlineData("G g", "8000")]
    [InlineData("PageDown", "8018")]
    [InlineData("PageDown PageUp", "8000")]
    [InlineData("End Home Down", "8001")]
    public void Keys_Select(string keys, string port) =>
        Assert.Contains($"\n> {port}/tcp ", Watched.Text(Watched.State(100, 80, 24, Watched.Keys(keys))), StringComparison.Ordinal);

    [Fact]
    public void Selection_StaysOnItsSocket_WhenOthersCome()
    {
        var state = Watched.State(3, 80, 24, Watched.Keys("Down"));
        var census = Watched.Census(3);
        state = Watched.After(state, new WatchInput.CensusRead(census with { Sockets = [Watched.Listener(80, 77), .. census.Sockets] }));
        Assert.Equal(new RowKey(2), state.Selected!.Key);
        Assert.Equal(2, state.Memory.Index);
    }

    [Fact]
    public void Pause_KeepsWhatIsShown_AndTellsHowManyFailedSince()
    {
        var state = Watched.State(2, 80, 24, [.. Watched.Keys("Z")]);
        state = Watched.After(state, new WatchInput.Pressed(WatchKey.Of(' ')), new WatchInput.CensusRead(Watched.Census(5)), new WatchInput.Happened(Watched.Failure("0.0.0.0:80")));
        Assert.Equal(2, state.Rows.Length);
        Assert.Contains("PAUSED, 1 failed since", Watched.Text(state), StringComparison.Ordinal);
        state = Watched.After(state, new WatchInput.Pressed(WatchKey.Of(' ')));
        Assert.Equal(5, state.Rows.Length);
    }

    [Theory]
    [InlineData("/ :8001 Enter", 1)]
    [InlineData("/ server", 3)]
    [InlineData("/ udp", 0)]
    [InlineData("/ :8001 Escape", 3)]
    [InlineData("/ :8001 Enter Escape", 3)]
    [InlineData("/ :80012 Backspace Enter", 1)]
    [InlineData("/ x EraseLine Enter", 3)]
    [InlineData("/ :8001 Enter / Escape", 3)]
    [InlineData("3 / 8001", 1)]
    [InlineData("3 / 7", 0)]
    [InlineData("3 / :8000-8001", 2)]
    [InlineData("3 / 8001/tcp", 1)]
    [InlineData("3 / udp", 0)]
    [InlineData("3 / mine", 0)]
    [InlineData("4 / 5432", 1)]
    [InlineData("4 / 14", 0)]
    [InlineData("4 / 127.0.0.1", 1)]
    public void Filter_ShowsWhatMatches(string keys, int rows) => Assert.Equal(rows, Watched.State(3, 80, 24, Watched.Keys(keys)).Rows.Length);

    [Theory]
    [InlineData("5 / 812", 1)]
    [InlineData("5 / :80", 1)]
    [InlineData("5 / 2", 0)]
    [InlineData("5 / udp", 0)]
    [InlineData("5 / nginx", 1)]
    public void Filter_OfFailures_TakesTheWordsOfLs(string keys, int rows) => Assert.Equal(rows, Watched.State(1, 80, 24,
        [new WatchInput.Happened(Watched.Failure("0.0.0.0:80")), new WatchInput.Happened(Watched.Failure("0.0.0.0:80")), .. Watched.Keys(keys)]).Rows.Length);

    [Fact]
    public void States_OnAShortScreen_ShowsWhatThereIsFirst_AndLeavesNoneOut()
    {
        var census = Watched.Census(1) with
        {
            States = [.. new[] { TcpSocketState.Listen, TcpSocketState.TimeWait, TcpSocketState.LastAck }.Select(static state => new StateCount(state, 41))],
        };
        var text = Watched.Text(Watched.After(Watched.State(1, 40, 12, Watched.Keys("2")), new WatchInput.CensusRead(census)));
        foreach (var state in (string[])["LISTEN", "SYN_SENT", "ESTABLISHED", "FIN_WAIT1", "FIN_WAIT2", "CLOSING", "CLOSE_WAIT", "TIME_WAIT", "LAST_ACK"])
            Assert.Contains(state, text, StringComparison.Ordinal);
        Assert.True(text.IndexOf("LAST_ACK", StringComparison.Ordinal) < text.IndexOf("ESTABLISHED ", text.IndexOf("LISTEN ", StringComparison.Ordinal), StringComparison.Ordinal), text);
    }

    [Fact]
    public void Ports_OnAWideScreen_ShowAnAddressWhole()
    {
        Assert.True(IpAddress.TryParse("2001:db8:1111:2222:3333:4444:5555:6666", out var address));
        var census = Watched.Census(0) with { Sockets = [Watched.Listener(80, 1, address: address)] };
        var text = Watched.Text(Watched.After(Watched.State(0, 200), new WatchInput.CensusRead(census)));
        Assert.Contains("2001:db8:1111:2222:3333:4444:5555:6666", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("q", false)]
    [InlineData("Interrupt", true)]
    public void Quit_IsAnEffect(string key, bool isInterrupted) => Assert.Equal(new WatchEffect.Quit(isInterrupted),
        Assert.Single(WatchMachine.Step(Watched.State(1), Watched.Keys(key)[0]).Effects));

    [Fact]
    public void Why_AsksForTheSocketsOwnAddress_AndForgetsWhenLeft()
    {
        var step = WatchMachine.Step(Watched.State(1), Watched.Keys("Enter")[0]);
        var ask = Assert.IsType<WatchEffect.Ask>(Assert.Single(step.Effects));
        Assert.Equal("127.0.0.1:8000", ask.About.Target.Text);
        step = WatchMachine.Step(step.State, Watched.Keys("Escape")[0]);
        Assert.Equal(new WatchEffect.Forget(1), Assert.Single(step.Effects));
        Assert.Null(step.State.Overlay);
        // What comes too late is of no interest.
        Assert.Null(Watched.After(step.State, new WatchInput.Answered(1, null, "late")).Overlay);
    }

    // The port alone would be held by another row's server too.
    [Theory]
    [InlineData("127.0.0.1:8000", "127.0.0.1", "::1")]
    [InlineData("[::1]:8000", "::1")]
    [InlineData("8000", "127.0.0.1", "0.0.0.0")]
    [InlineData("8000", "::")]
    public void Row_AsksAboutItsOwnSocketsAlone(string target, params string[] addresses)
    {
        var own = addresses.Select(static (address, index) => Watched.Listener(8000, (ulong)index + 1, "A.py", 5, Watched.Address(address)));
        var census = Watched.Census(0) with { Sockets = [.. own, Watched.Listener(8000, 9, "Bb.py", 6, Watched.Address("127.0.0.2"))] };
        var step = WatchMachine.Step(Watched.After(new WatchState(), new WatchInput.CensusRead(census)), Watched.Keys("f")[0]);
        var asked = Assert.IsType<WatchEffect.Plan>(Assert.Single(step.Effects)).About;
        Assert.Equal((target, null), (asked.Target.Text, asked.Device));
        Assert.Equal(Enumerable.Range(1, addresses.Length).Select(static index => (ulong)index), asked.Sockets.Order());
    }

    [Fact]
    public void Rows_OfTwoInterfaces_AreTwoAndAskAboutTheirOwn()
    {
        var census = Watched.Census(0) with
        {
            Sockets = [.. new[] { 1u, 3u }.Select(static device => Watched.Listener(8000, device, "python3", address: IpAddress.AnyIPv4))
                .Select(static (one, index) => one with { Socket = one.Socket with { DeviceIndex = index == 0 ? 1u : 3u } })],
        };
        var place = new WatchPlace { DeviceName = static index => index switch { 0 => null, 1 => "lo", _ => "v0" } };
        var state = Watched.After(new WatchState { Place = place }, new WatchInput.CensusRead(census));
        Assert.Equal(["lo", "v0"], state.Rows.Select(static row => row.Question!.Device));
        Assert.Contains("0.0.0.0%lo ", Watched.Text(state), StringComparison.Ordinal);
        Assert.Contains("0.0.0.0%v0 ", Watched.Text(state), StringComparison.Ordinal);
    }

    [Fact]
    public void Rows_OfSocketsWithoutAVisibleHolder_AreOneOfEachUser()
    {
        var sockets = Enumerable.Range(0, 3).Select(static index => Watched.Listener(8000, (ulong)index + 1, address: index == 2 ? IpAddress.LoopbackIPv6 : null))
            .Zip([1000u, 1001u, 1000u], static (one, user) => one with { Holder = null, Socket = one.Socket with { UserId = user } });
        var state = Watched.After(new WatchState(), new WatchInput.CensusRead(Watched.Census(0) with { Sockets = [.. sockets] }));
        Assert.Equal([2, 1], state.Rows.Select(static row => row.Question!.Sockets.Length));
    }

    [Theory]
    [InlineData("127.0.0.5", 1)]
    [InlineData("127.0.0.6", 0)]
    public void Targets_MeanAnIPv4AddressInIPv6Too(string address, int rows)
    {
        var census = Watched.Census(0) with { Sockets = [Watched.Listener(8000, 1, address: Watched.Address("::ffff:127.0.0.5"))] };
        var place = new WatchPlace { Targets = [Model.Targets.TargetParser.Parse(address + ":8000").Value!] };
        Assert.Equal(rows, Watched.After(new WatchState { Place = place }, new WatchInput.CensusRead(census)).Rows.Length);
    }

    // What is there of other ports is no matter of theirs, and is not said not to be there.
    [Theory]
    [InlineData("1")]
    [InlineData("3")]
    [InlineData("4")]
    [InlineData("5")]
    public void Targets_OfWhichNothingIsThere_AreNamed_AndNothingIsSaidOfTheRest(string view)
    {
        var place = new WatchPlace { Targets = [Model.Targets.TargetParser.Parse("7101").Value!, Model.Targets.TargetParser.Parse("7102").Value!] };
        var text = Watched.Text(Watched.After(new WatchState { Place = place, Columns = 80, Lines = 24 },
            [new WatchInput.CensusRead(Watched.Census(1)), new WatchInput.Happened(Watched.Failure("127.0.0.1:8000")), .. Watched.Keys(view)]));
        Assert.Contains("Nothing here concerns 7101, 7102.", text, StringComparison.Ordinal);
        Assert.Contains("0 failed on 7101, 7102; all ports: 1 listening, 0 established, 87 TIME_WAIT", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("n", false)]
    [InlineData("Enter", false)]
    [InlineData("Escape", false)]
    [InlineData("y", true)]
    public void Free_IsReleasedByAYOnly(string key, bool isReleased)
    {
        var state = Watched.After(Watched.State(1, 80, 24, Watched.Keys("f")), new WatchInput.Planned(1, Plan(), null));
        Assert.Contains("Do it? [y/N]", Watched.Text(state), StringComparison.Ordinal);
        var step = WatchMachine.Step(state, Watched.Keys(key)[0]);
        Assert.Equal(isReleased, step.Effects.Any(static effect => effect is WatchEffect.Release));
        Assert.Equal(!isReleased, Watched.Text(step.State).Contains("Nothing was done.", StringComparison.Ordinal));
    }

    // Whether the parent is ended as well, should it start the server again, is a question of its own.
    [Theory]
    [InlineData("y y", 0)]
    [InlineData("y n", 1)]
    [InlineData("y Enter", 1)]
    [InlineData("y Escape", null)]
    [InlineData("Escape", null)]
    public void Free_OptionalAction_IsLeftOutByANo_AndEscapeEndsAll(string keys, int? excluded)
    {
        var plan = Plan();
        plan = plan with
        {
            Actions = [.. plan.Actions, new FreeAction { Kind = FreeActionKind.Signal, Text = "send SIGTERM to its parent (pid 100)", Signal = "SIGTERM", IsIfTakenAgain = true }],
        };
        var step = new WatchStep(Watched.After(Watched.State(1, 80, 24, Watched.Keys("f")), new WatchInput.Planned(1, plan, null)), []);
        foreach (var key in Watched.Keys(keys))
        {
            Assert.Contains(step.State.Overlay is WatchOverlay.Free { Questions: [{ Optional: null }, ..] } ? "y does it; any other key cancels."
                : "y includes it; any other key leaves it out, Esc cancels all.", Watched.Text(step.State), StringComparison.Ordinal);
            step = WatchMachine.Step(step.State, key);
        }
        Assert.Equal(excluded, step.Effects.OfType<WatchEffect.Release>().SingleOrDefault()?.Excluded.Length);
        Assert.Equal(excluded is null, Watched.Text(step.State).Contains("Nothing was done.", StringComparison.Ordinal));
    }

    [Fact]
    public void Free_FromAnAnswer_IsOfWhatWasAnswered_WhateverIsSelectedBelow()
    {
        var state = Watched.After(Watched.State(1, 80, 24, Watched.Keys("Enter")), new WatchInput.Answered(1, Samples.All["listener"], null), new WatchInput.CensusRead(Watched.Census(0)));
        Assert.Contains("f free", Watched.Text(state), StringComparison.Ordinal);
        var plan = Assert.Single(WatchMachine.Step(state, Watched.Keys("f")[0]).Effects.OfType<WatchEffect.Plan>());
        Assert.Equal("127.0.0.1:8000", plan.About.Target.Text);
    }

    [Fact]
    public void Failures_OfALevel_ShowTheNewest_AndLossesAddUpByUser()
    {
        static WatchInput Happened(PortEventKind kind, long count, uint? user = null) => new WatchInput.Happened(new PortEvent
        {
            Time = Watched.Noon,
            Kind = kind,
            Protocol = kind == PortEventKind.RangeHigh ? Protocol.Tcp : null,
            Address = kind == PortEventKind.RangeHigh ? "10.0.0.5:5432" : null,
            Count = count,
            UserId = user,
            Summary = user is null ? null : LostEvents.Summary(count, user),
        });
        var state = Watched.After(Watched.State(1, 120, 24, Watched.Keys("5")), Happened(PortEventKind.RangeHigh, 22_600), Happened(PortEventKind.RangeHigh, 23_000),
            Happened(PortEventKind.Lost, 500, 1000), Happened(PortEventKind.Lost, 3, 0), Happened(PortEventKind.Lost, 2, 1000), Happened(PortEventKind.Lost, 7));
        Assert.Equal(
            ["23000 ephemeral ports lead there: connect() will soon fail", "3 more failed calls of user 0 are not listed one by one: too many different ones came at once",
                "502 more failed calls of user 1000 are not listed one by one: too many different ones came at once", "7 events were lost"],
            state.Live.Failures.Select(static seen => EventText.Why(seen.Event)));
        // Those that a user's program made too fast are failed calls; what was not seen at all may have been none.
        Assert.Equal(505, state.Live.FailureCount);
        var overlay = Watched.Text(Watched.After(state, Watched.Keys("End Enter")));
        Assert.StartsWith(" range-high 10.0.0.5:5432/tcp", overlay, StringComparison.Ordinal);
        Assert.Contains("23000 ephemeral ports lead there", overlay, StringComparison.Ordinal);
        Assert.DoesNotContain(" times", overlay, StringComparison.Ordinal);
    }

    [Fact]
    public void Failures_AlikeAreCounted_AndOneProgramHidesOnlyItsOwn()
    {
        var state = Watched.After(Watched.State(1), new WatchInput.Happened(Watched.Failure("0.0.0.0:3000", "victim", 1)));
        for (var port = 1; port <= 1000; port++)
        {
            state = Watched.After(state, new WatchInput.Happened(Watched.Failure($"0.0.0.0:{port}", "noisy")),
                new WatchInput.Happened(Watched.Failure($"0.0.0.0:{port}", "noisy")));
        }
        Assert.Equal(2001, state.Live.FailureCount);
        Assert.Equal(WatchMachine.MostFailures, state.Live.Failures.Length);
        Assert.Contains(state.Live.Failures, static seen => seen.Event.Program == "victim");
        Assert.Equal(2, state.Live.Failures[^1].Event.Count);
    }

    [Fact]
    public void Ports_OneProgramOnOneAddress_IsOneRow_AndTwoOfThemWarn()
    {
        var census = Watched.Census(0) with
        {
            Sockets = [Watched.Listener(80, 1, "nginx", 5), Watched.Listener(80, 2, "nginx", 6), Watched.Listener(80, 3, "other", 7, IpAddress.AnyIPv4)],
        };
        var state = Watched.After(new WatchState(), new WatchInput.CensusRead(census));
        Assert.Equal(2, state.Rows.Length);
        var text = Watched.Text(state);
        Assert.Contains("5+1", text, StringComparison.Ordinal);
        Assert.Contains("\n! 80/tcp", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, false)]
    public void Ports_OnAWildcardWithConnectionsFromLoopbackAlone_Warn(int fromOutside, bool isWarned)
    {
        var census = Watched.Census(0) with
        {
            Sockets = [Watched.Listener(22, 1), Watched.Listener(80, 2, address: IpAddress.AnyIPv4) with { Connections = 2, FromOutside = fromOutside }],
        };
        var text = Watched.Text(Watched.After(new WatchState(), new WatchInput.CensusRead(census)));
        Assert.Equal(isWarned, text.Contains("\n! 80/tcp", StringComparison.Ordinal));
    }

    [Fact]
    public void Names_AreEscaped()
    {
        var census = Watched.Census(0) with { Sockets = [Watched.Listener(80, 1, "a\u001b[2J\nb")] };
        Assert.DoesNotContain('\u001b', Watched.Text(Watched.After(new WatchState(), new WatchInput.CensusRead(census))));
    }

    [Theory]
    [InlineData("\u001b[A", nameof(KeyKind.Up))]
    [InlineData("\u001bOB", nameof(KeyKind.Down))]
    [InlineData("\u001b[5~", nameof(KeyKind.PageUp))]
    [InlineData("\u001b[6~", nameof(KeyKind.PageDown))]
    [InlineData("\u001b[1~", nameof(KeyKind.Home))]
    [InlineData("\u001b[H", nameof(KeyKind.Home))]
    [InlineData("\u001bOF", nameof(KeyKind.End))]
    [InlineData("\u001b[4~", nameof(KeyKind.End))]
    [InlineData("\u001b[Z", nameof(KeyKind.BackTab))]
    [InlineData("\u001b[[A", nameof(KeyKind.Other))]
    [InlineData("\u001b[1;5A", nameof(KeyKind.Other))]
    [InlineData("\r", nameof(KeyKind.Enter))]
    [InlineData("\u007f", nameof(KeyKind.Backspace))]
    [InlineData("\u0003", nameof(KeyKind.Interrupt))]
    [InlineData("é", nameof(KeyKind.Character))]
    public void Bytes_AreOneKey(string bytes, string kind)
    {
        var reader = new KeyReader();
        Assert.Equal(kind, Assert.Single(reader.Read(Encoding.UTF8.GetBytes(bytes))).Kind.ToString());
        Assert.False(reader.IsPending);
    }

    [Fact]
    public void Escape_AloneIsAKeyWhenNothingFollows()
    {
        var reader = new KeyReader();
        Assert.Empty(reader.Read("\u001b"u8));
        Assert.Equal([new WatchKey(KeyKind.Escape)], reader.End());
    }

    [Theory]
    [InlineData(80, 24)]
    [InlineData(120, 40)]
    [InlineData(60, 20)]
    public void Frames_AreAsExpected(int columns, int lines)
    {
        var all = new StringBuilder();
        foreach (var keys in new[] { "", "2", "3", "4", "5", "?" })
        {
            var state = Watched.State(4, columns, lines, [new WatchInput.Happened(Watched.Failure("0.0.0.0:3000")), .. Watched.Keys(keys)]);
            all.Append(Watched.Text(state)).Append("----\n").Append(Watched.Text(state with { IsUnicode = false })).Append("====\n");
        }
        Expectation.Check($"watch-{columns}x{lines}.txt", all.ToString());
    }

    [Fact]
    public void AnyKeysAndSizes_FitAndKeepTheSelectionValid() => Prop.ForAll(Inputs, static inputs =>
    {
        var state = new WatchState();
        foreach (var input in inputs)
        {
            state = WatchMachine.Step(state, input).State;
            var frame = WatchFrame.Render(state);
            Assert.Equal(state.Lines, frame.Length);
            Assert.All(frame, line => Assert.InRange(CellWidth.Of(line.ToString()), 0, state.Columns));
            var plain = WatchFrame.Render(state with { IsUnicode = false });
            Assert.All(plain, line => Assert.True(Ascii.IsValid(line.ToString()) && line.ToString().Length <= state.Columns));
            Assert.InRange(state.Memory.Index, 0, Math.Max(0, state.Rows.Length - 1));
            Assert.InRange(state.Memory.Top, 0, state.Memory.Index);
        }
    }).Holds();

    private static Arbitrary<WatchInput[]> Inputs => Gen.ArrayOf(Gen.OneOf(
        Gen.Choose(0, Enum.GetValues<KeyKind>().Length - 1).Select(static kind => (WatchInput)new WatchInput.Pressed(new WatchKey((KeyKind)kind, new Rune('y')))),
        Gen.Elements("q?jkgG12345/s fyn8:é世".EnumerateRunes().ToArray()).Select(static rune => (WatchInput)new WatchInput.Pressed(new WatchKey(KeyKind.Character, rune))),
        Gen.Choose(0, 60).Select(static count => (WatchInput)new WatchInput.CensusRead(Watched.Census(count))),
        Gen.Choose(1, 9).Select(static port => (WatchInput)new WatchInput.Happened(Watched.Failure($"0.0.0.0:{port}", "世界世界"))),
        Gen.Choose(0, 130).Two().Select(static size => (WatchInput)new WatchInput.Resized(size.Item1, size.Item2 / 3)),
        Gen.Choose(1, 4).Select(static question => (WatchInput)new WatchInput.Planned(question, Plan(), null)),
        Gen.Choose(1, 4).Select(static question => (WatchInput)new WatchInput.Answered(question, null, "it failed")))).ToArbitrary();

    private static FreePlan Plan() => new()
    {
        Name = "8000/tcp",
        Diagnosis = Samples.All["listener"],
        Actions = [new FreeAction { Kind = FreeActionKind.Signal, Text = "send SIGTERM to server (pid 101)", Signal = "SIGTERM" }],
    };
}
