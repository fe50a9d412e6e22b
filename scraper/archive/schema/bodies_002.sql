-- Which reference serves best is found anew by trying; counting its uses cost a write for each body.
alter table site_references drop column uses;
alter table site_references drop column ratio;
