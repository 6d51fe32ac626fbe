// How the page looks, in light and dark, wide and narrow.

/// The style sheet of the page.
enum ReportStyle {
    /// CSS.
    static let text = """

        :root { color-scheme: light dark; --back: #fff; --ink: #1a1a1a; --faint: #636363;
          --line: #dedede; --tint: #f4f4f4; --bad: #b3261e; --wait: #7a5200; --link: #0b57a4 }
        @media (prefers-color-scheme: dark) { :root { --back: #171717; --ink: #e8e8e8; --faint: #a0a0a0;
          --line: #353535; --tint: #212121; --bad: #ff8a80; --wait: #e0b050; --link: #8ab8f0 } }
        * { box-sizing: border-box }
        body { margin: 0; background: var(--back); color: var(--ink); font: 14px/1.45 system-ui, sans-serif }
        main { max-width: 86rem; margin: 0 auto; padding: 1.5rem }
        h1 { font-size: 1.5rem; font-weight: 600; margin: 0 0 .25rem }
        h2, h3 { font-size: 1em; font-weight: 600; margin: 1.2em 0 .4em }
        h3:first-child { margin-top: 0 }
        p { margin: .4em 0; overflow-wrap: anywhere }
        ul { margin: 0; padding-left: 1.2em; overflow-wrap: anywhere }
        a { color: var(--link) }
        small { color: var(--faint); font-size: .9em }
        img { display: block; max-width: 100%; height: auto }
        figure { margin: 0 }
        figcaption { color: var(--faint); margin-top: .3em; overflow-wrap: anywhere }
        table { border-collapse: collapse; text-align: left }
        th { font-weight: 600 }
        td, th { padding: 0; vertical-align: top }
        button { font: inherit; color: inherit; background: none; border: 0; padding: 0; cursor: pointer;
          text-align: inherit }
        :focus-visible { outline: 2px solid var(--link); outline-offset: 2px }
        .failures { border-left: 3px solid var(--bad); padding-left: 1em; margin: 1.2em 0 }
        .reason, .failed .job > td:nth-child(2) { color: var(--bad) }
        .missing .job > td:nth-child(2) { color: var(--wait) }
        .filter { margin: 1.2em 0 .6em; color: var(--faint) }
        input[type=search] { font: inherit; color: inherit; background: var(--back); width: 18em;
          max-width: 60vw; padding: .3em .5em; border: 1px solid var(--line); border-radius: 3px }

        /* Rows are grids, for a browser skips those out of sight; it lays out all of a table, again and again. */
        #jobs, #jobs > thead, #jobs > tbody, .more, .more > td { display: block }
        #jobs { font-variant-numeric: tabular-nums }
        #jobs > tbody { content-visibility: auto; contain-intrinsic-height: auto 72px }
        #jobs > tbody[hidden] { display: none }
        #jobs > thead > tr, #jobs .job { display: grid;
          grid-template-columns: minmax(0, 1fr) 7.5em 6em 6em 13em 6em 6em 6em }
        #jobs > thead th { padding: .5em .6em; border-bottom: 1px solid var(--faint) }
        #jobs .job > td { padding: .6em; border-top: 1px solid var(--line) }
        #jobs .job > :nth-child(n + 3), #jobs > thead th:nth-child(n + 3) { text-align: right }
        #jobs .job small { display: block }
        .js #jobs .job { cursor: pointer }
        .js #jobs .job:hover { background: var(--tint) }
        #jobs .job > td:first-child { overflow-wrap: anywhere }
        .job img { float: left; width: 96px; height: 54px; margin-right: .8em; object-fit: contain;
          background: var(--tint) }
        .job button { display: block; overflow: hidden; padding-left: 1.1em; text-indent: -1.1em }
        .job button::before { content: "\\25B8"; display: inline-block; width: 1.1em; text-indent: 0;
          color: var(--faint) }
        .job button[aria-expanded=true]::before { content: "\\25BE" }
        th button { font-weight: 600; position: relative }
        th[aria-sort] button::after { content: "\\2191"; position: absolute; left: 100% }
        th[aria-sort=descending] button::after { content: "\\2193" }
        .js summary, html:not(.js) .filter, html:not(.js) [type=range] { display: none }
        summary { padding: 0 .6em .5em; color: var(--faint); cursor: pointer }

        .details { display: grid; grid-template-columns: minmax(0, 3fr) minmax(0, 2fr); gap: 1.5em;
          padding: .6em .6em 1.8em }
        .side:first-child, .found { grid-column: 1 / -1 }
        .details th, .details td { padding: .15em 1em .15em 0; overflow-wrap: anywhere }
        .details th { font-weight: 400; color: var(--faint); white-space: nowrap }
        .figures td:nth-child(2) { text-align: right; white-space: nowrap }
        .figures td:nth-child(3) { color: var(--faint) }
        .found > div { display: grid; grid-template-columns: repeat(auto-fill, minmax(14em, 1fr)); gap: 1em }
        .found figcaption { color: inherit }
        .found img { max-height: 16em; width: auto }
        .pair { --at: 50% }
        .stack { position: relative; user-select: none; overflow: hidden; background: var(--tint) }
        .stack b { position: absolute; top: .6em; right: .6em; padding: .05em .5em; border-radius: 2px;
          background: rgb(0 0 0 / .6); color: #fff; font-weight: 400; pointer-events: none }
        .js .stack { cursor: ew-resize; touch-action: pan-y }
        .js .before + b { right: auto; left: .6em }
        html:not(.js) .stack b { position: static; display: block; width: fit-content }
        .js .before { position: absolute; inset: 0; width: 100%; height: 100%;
          clip-path: inset(0 calc(100% - var(--at)) 0 0) }
        .js .after { width: 100%; clip-path: inset(0 0 0 var(--at)) }
        .js .stack::after { content: ""; position: absolute; top: 0; bottom: 0; left: var(--at); width: 2px;
          margin-left: -1px; background: #fff; box-shadow: 0 0 0 1px rgb(0 0 0 / .4); pointer-events: none }
        [type=range] { display: block; width: 100%; margin: .5em 0 0; accent-color: var(--link) }

        @media (max-width: 56rem) {
          main { padding: 1rem }
          #jobs > thead > tr { display: flex; flex-wrap: wrap; gap: .3em 1.4em; padding-bottom: .5em }
          #jobs > thead th { border: 0; padding: 0 }
          #jobs .job { grid-template-columns: 1fr 1fr; gap: 0 1em;
            padding: .6em 0; border-top: 1px solid var(--line) }
          #jobs .job > td { border: 0; padding: 0 }
          #jobs .job > td:first-child { grid-column: 1 / -1; padding-bottom: .3em }
          #jobs .job > td:nth-child(n + 3) { text-align: left }
          #jobs .job > td:nth-child(n + 2)::before { color: var(--faint) }
          #jobs .job > td:nth-child(2)::before { content: "State " }
          #jobs .job > td:nth-child(3)::before { content: "Frames " }
          #jobs .job > td:nth-child(4)::before { content: "Frames/s " }
          #jobs .job > td:nth-child(5)::before { content: "Size " }
          #jobs .job > td:nth-child(6)::before { content: "Damage " }
          #jobs .job > td:nth-child(7)::before { content: "Found " }
          #jobs .job > td:nth-child(8)::before { content: "Seconds " }
          #jobs .job small { display: inline }
          .figures tr { display: grid; grid-template-columns: 1fr auto }
          .figures td:nth-child(3) { grid-column: 1 / -1 }
          .details { grid-template-columns: minmax(0, 1fr); padding: .2em 0 1.5em }
        }
        """
}
