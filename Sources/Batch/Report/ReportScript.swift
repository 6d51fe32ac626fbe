// What the page does: opens rows, sorts, filters, moves the slider.

/// The script of the page.
///
/// Without it the page is complete, but rests: buttons and sliders appear only where they work.
enum ReportScript {
    /// JavaScript.
    static let text = #"""

        document.documentElement.classList.add("js");
        addEventListener("DOMContentLoaded", () => {
          const table = document.getElementById("jobs"), jobs = [...table.tBodies];

          // Browsers forget what a table is once its style is none.
          for (const [role, parts] of Object.entries({
            table: [table], rowgroup: [table.tHead, ...jobs],
            row: table.querySelectorAll("#jobs > * > tr"),
            columnheader: table.tHead.rows[0].cells, cell: table.querySelectorAll("#jobs > tbody > tr > td"),
          })) for (const part of parts) part.setAttribute("role", role);

          // A row opens by its name; the browser's own search may open one too.
          for (const job of jobs) {
            const name = job.querySelector("span"), button = document.createElement("button");
            button.type = "button";
            button.setAttribute("aria-expanded", "false");
            name.replaceWith(button);
            button.append(name);
          }
          const open = (job, isOpen) => job.querySelector("details").open = isOpen;
          table.addEventListener("click", event => {
            const row = event.target.closest(".job");
            if (row) open(row.parentNode, !row.parentNode.querySelector("details").open);
          });
          table.addEventListener("toggle", event => {
            const job = event.target.closest("tbody");
            job.querySelector("button").setAttribute("aria-expanded", event.target.open);
            const picture = job.querySelector(".after");
            if (!picture) return;
            // All of the picture fits into the window, and has its place before it is loaded.
            const wide = +picture.getAttribute("width"), high = +picture.getAttribute("height");
            picture.closest("figure").style.width =
              `min(100%, max(${wide}px, 16em), ${75 * wide / high}vh)`;
          }, true);
          const follow = () => {
            const job = location.hash && document.getElementById(location.hash.slice(1));
            if (!job || job.parentNode !== table) return;
            job.hidden = false;
            open(job, true);
            job.scrollIntoView();
          };
          addEventListener("hashchange", follow);
          follow();

          // Sorting keeps the order of equals; rows without a value stay last both ways.
          const words = new Intl.Collator(undefined, { numeric: true });
          const value = (job, column) => {
            const cell = job.rows[0].cells[column], text = cell.textContent.trim();
            return column < 2 ? text : parseFloat(cell.dataset.v ?? text);
          };
          [...table.tHead.rows[0].cells].forEach((head, column) => {
            const button = document.createElement("button");
            button.type = "button";
            button.append(...head.childNodes);
            head.append(button);
            button.addEventListener("click", () => {
              const way = head.ariaSort === "ascending" ? -1 : 1;
              for (const other of head.parentNode.cells) other.removeAttribute("aria-sort");
              head.setAttribute("aria-sort", way > 0 ? "ascending" : "descending");
              const keys = new Map(jobs.map(job => [job, value(job, column)]));
              const compare = column < 2 ? words.compare : (a, b) => a - b;
              table.append(...jobs.sort((a, b) => {
                const x = keys.get(a), y = keys.get(b);
                if (x !== x || y !== y) return (x !== x) - (y !== y);
                return way * compare(x, y);
              }));
            });
          });

          const field = document.querySelector("input[type=search]");
          const status = document.querySelector("[role=status]");
          field.addEventListener("input", () => {
            const wanted = field.value.trim().toLowerCase();
            let count = 0;
            for (const job of jobs) {
              const [name, state] = job.rows[0].cells;
              const text = name.textContent + " " + state.textContent;
              job.hidden = !text.toLowerCase().includes(wanted);
              if (!job.hidden) count += 1;
            }
            status.textContent = wanted ? count + " of " + jobs.length : "";
          });

          // The slider, by its handle, by keys, and by dragging across the picture.
          const show = slider => slider.parentNode.style.setProperty("--at", slider.value + "%");
          const drag = event => {
            const stack = event.target.closest?.(".stack");
            if (!stack || !(event.buttons & 1)) return;
            const box = stack.getBoundingClientRect(), slider = stack.nextElementSibling;
            slider.value = 100 * (event.clientX - box.left) / box.width;
            show(slider);
          };
          table.addEventListener("input", event => show(event.target));
          table.addEventListener("pointermove", drag);
          table.addEventListener("pointerdown", event => {
            drag(event);
            event.target.closest(".stack")?.setPointerCapture(event.pointerId);
          });
        });

        """#
}
