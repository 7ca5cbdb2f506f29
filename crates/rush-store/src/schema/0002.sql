-- Where each task stands in each plan: with it the rows of its nodes are found without reading any plan.
CREATE TABLE place (
    label TEXT NOT NULL,
    plan INTEGER NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (label, plan, position)
) WITHOUT ROWID;
INSERT INTO place (label, plan, position)
SELECT json_extract(node.value, '$.label'), plan.key, node.key
FROM plan, json_each(CAST(plan.json AS TEXT), '$.content.nodes') AS node;
DROP TABLE label;
